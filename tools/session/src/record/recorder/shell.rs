//! A shell command with the values of its variables filled in, as a reader would
//! type it.
//!
//! Only what sh(1) expands is filled in: nothing in single quotes, in comments or
//! behind a backslash. What this reader cannot be sure of is refused, where there
//! is something to fill in.

/// Words after which a name is given another value.
const ASSIGN: &[&str] = &[
    "for", "read", "unset", "export", "readonly", "local", "getopts",
];

/// Words after which a text is read as a command, or stands for another.
const EVALUATE: &[&str] = &["eval", "trap", "alias", ".", "source"];

/// The command as a reader would type it, or why that cannot be told.
pub fn filled_in(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let fills = text.match_indices('$').any(|(at, _)| {
        let name = text[at + 1..].trim_start_matches(['{', '#']);
        value(name_at(name)).is_some()
    });
    // Bare, as `$((PID))`.
    let fills = fills || text.contains("$((");
    match Reader::new(text, value).read() {
        Ok(filled) => Ok(filled),
        Err(_) if !fills => Ok(text.to_owned()),
        Err(what) => Err(format!(
            "has {what}, so that a page cannot show it with its values filled in; write them as `$NAME`, in double quotes or in none"
        )),
    }
}

/// What surrounds a place: the command, or `$(…)` in it.
struct Around {
    in_double: bool,
    /// How many `(` are open in it.
    open: u32,
    arithmetic: bool,
}

struct Reader<'a> {
    rest: &'a str,
    value: &'a dyn Fn(&str) -> Option<String>,
    filled: String,
    around: Vec<Around>,
    /// A word begins here.
    word: bool,
    /// This simple command may give a name another value.
    assigns: bool,
    /// Where a variable ends that a digit would make another.
    variable: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, value: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            rest: text,
            value,
            filled: String::new(),
            around: vec![Around {
                in_double: false,
                open: 0,
                arithmetic: false,
            }],
            word: true,
            assigns: false,
            variable: usize::MAX,
        }
    }

    fn read(mut self) -> Result<String, &'static str> {
        while let Some(first) = self.rest.chars().next() {
            let begins = std::mem::replace(&mut self.word, false);
            match first {
                '\\' if self.rest.starts_with("\\\n") => {
                    return Err("a line that goes on in the next");
                }
                '\\' => self.keep(1 + self.rest[1..].chars().next().map_or(0, char::len_utf8)),
                '`' => return Err("a backquote; write `$(…)`"),
                '$' => self.dollar()?,
                '"' => {
                    let here = self.here()?;
                    here.in_double = !here.in_double;
                    self.keep(1);
                }
                _ if self.here()?.in_double => self.keep(first.len_utf8()),
                '\'' => self.keep_to(1, '\''),
                '#' if begins => self.keep_to(0, '\n'),
                '<' if self.rest.starts_with("<<") => return Err("`<<`"),
                '(' => {
                    self.here()?.open += 1;
                    self.separator();
                }
                ')' => {
                    let here = self.here()?;
                    if here.open > 0 {
                        here.open -= 1;
                    } else if self.around.len() > 1 {
                        self.around.pop();
                        self.keep(1);
                        continue;
                    }
                    self.separator();
                }
                ';' | '&' | '|' | '\n' => self.separator(),
                c if c.is_ascii_whitespace() => {
                    self.keep(1);
                    self.word = true;
                }
                _ => self.plain(begins)?,
            }
        }
        Ok(self.filled)
    }

    fn here(&mut self) -> Result<&mut Around, &'static str> {
        self.around
            .last_mut()
            .ok_or("parentheses that do not match")
    }

    /// What stands between two words, and ends a simple command.
    fn separator(&mut self) {
        self.keep(1);
        self.word = true;
        self.assigns = false;
    }

    /// A part of a word that is neither quoted nor expanded.
    fn plain(&mut self, begins: bool) -> Result<(), &'static str> {
        let special = |c: char| c.is_ascii_whitespace() || "\\'\"$`;&|()<>#".contains(c);
        let end = self.rest.find(special).unwrap_or(self.rest.len());
        // What is special is no end of a word here: `#` in one, `<`, `>`.
        let length = end.max(self.rest.chars().next().map_or(0, char::len_utf8));
        let text = &self.rest[..length];
        let name = name_at(text);
        let known = name == "IFS" || (self.value)(name).is_some();
        let (inside, arithmetic) = (self.around.len() > 1, self.here()?.arithmetic);
        let given = text[name.len()..].starts_with(['=', '+']) && text.contains('=');
        if known && (arithmetic || begins && (given || self.assigns)) {
            return Err("a variable that it gives another value, or uses without `$`");
        }
        if begins && EVALUATE.contains(&text) {
            return Err("a command that it puts together itself");
        }
        if begins && inside && text == "case" {
            return Err("`case` in `$(…)`");
        }
        self.assigns |= begins && ASSIGN.contains(&text);
        self.keep(length);
        // A redirection needs no space before its word.
        self.word = text.ends_with(['<', '>']);
        Ok(())
    }

    /// A `$`, and what belongs to it.
    fn dollar(&mut self) -> Result<(), &'static str> {
        let behind = &self.rest[1..];
        if behind.starts_with('(') {
            self.around.push(Around {
                in_double: false,
                open: 0,
                arithmetic: behind.starts_with("(("),
            });
            self.keep(2);
            self.word = true;
            self.assigns = false;
            return Ok(());
        }
        let (name, length) = match behind.strip_prefix('{') {
            Some(braced) => {
                let name = name_at(braced);
                if name.is_empty() || !braced[name.len()..].starts_with('}') {
                    return Err("an expansion of another form than `$NAME`");
                }
                (name, 1 + name.len() + 2)
            }
            None => (name_at(behind), 1 + name_at(behind).len()),
        };
        let in_double = self.here()?.in_double;
        if let Some(value) = (self.value)(name) {
            self.rest = &self.rest[length..];
            if self.filled.len() == self.variable {
                return Err("`$A$B`; write `${A}$B`");
            }
            if !in_double && self.rest.starts_with(['<', '>']) {
                return Err("a value before `<` or `>`; leave a space");
            }
            self.filled.push_str(&value);
            return Ok(());
        }
        match behind.chars().next() {
            Some('\'' | '"') if !in_double => Err("`$` before a quote"),
            // A parameter of the shell, such as `$$`.
            Some('$' | '?' | '!' | '#' | '@' | '*' | '-' | '0'..='9') => {
                self.keep(2);
                Ok(())
            }
            Some('\\' | '`') => Err("`$` before a quote"),
            _ => {
                self.keep(length);
                if !name.is_empty() && !behind.starts_with('{') {
                    self.variable = self.filled.len();
                }
                Ok(())
            }
        }
    }

    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.filled.push_str(kept);
        self.rest = rest;
    }

    /// Keeps all up to a character, and that one; the search begins `from` there.
    fn keep_to(&mut self, from: usize, end: char) {
        let found = self.rest[from..].find(end);
        self.keep(found.map_or(self.rest.len(), |at| from + at + 1));
        self.word = end == '\n';
        if self.word {
            self.assigns = false;
        }
    }
}

/// The name of a variable at the head of a text; empty if there is none.
fn name_at(text: &str) -> &str {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return "";
    }
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    &text[..text.find(|c| !inside(c)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests;
