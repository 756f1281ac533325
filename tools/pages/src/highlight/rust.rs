//! Rust, by the compiler's own lexer. What a token does not tell, a name does: types
//! and variants begin with a capital, constants have nothing but capitals.

use std::ops::Range;

use ra_ap_rustc_lexer::TokenKind::{self, *};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, tokenize};

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "type", "unsafe", "use", "where",
    "while",
];

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16",
    "u32", "u64", "u8", "usize",
];

type Class = &'static str;

/// The parts of a text that have a class, in order. Neighbours of one class are one
/// part: a space has no colour.
pub fn marked(text: &str) -> Vec<(Range<usize>, Class)> {
    let mut rest = text;
    let tokens = tokenize(text, FrontmatterAllowed::No).map(|token| {
        let (word, after) = rest.split_at(token.len as usize);
        rest = after;
        (token.kind, word)
    });
    let tokens: Vec<(TokenKind, &str)> = tokens.collect();
    let mut marked: Vec<(Range<usize>, Class)> = Vec::new();
    let mut at = 0;
    // The class of the token before, and its word.
    let (mut last, mut before) = (None, "");
    let (mut in_attribute, mut brackets) = (false, 0);
    for (index, &(kind, word)) in tokens.iter().enumerate() {
        let range = at..at + word.len();
        at = range.end;
        if kind == Whitespace {
            continue;
        }
        let following = &tokens[index + 1..];
        let class = match kind {
            Ident | RawIdent => of_name(word, before, following),
            // Of a macro's name.
            Bang if last == Some("f") => last,
            _ => of_token(kind),
        };
        in_attribute |= kind == Pound
            && matches!(
                following,
                [(OpenBracket, _), ..] | [(Bang, _), (OpenBracket, _), ..]
            );
        let class = class.or(in_attribute.then_some("a"));
        match kind {
            OpenBracket if in_attribute => brackets += 1,
            CloseBracket if in_attribute => {
                brackets -= 1;
                in_attribute = brackets > 0;
            }
            _ => {}
        }
        match (class, marked.last_mut()) {
            (Some(_), Some((part, _))) if class == last => part.end = range.end,
            (Some(class), _) => marked.push((range, class)),
            (None, _) => {}
        }
        (last, before) = (class, word);
    }
    marked
}

fn of_token(kind: TokenKind) -> Option<Class> {
    Some(match kind {
        LineComment { .. } | BlockComment { .. } => "c",
        Lifetime { .. } | RawLifetime => "a",
        Literal { kind, .. } => match kind {
            LiteralKind::Int { .. } | LiteralKind::Float { .. } => "n",
            _ => "s",
        },
        _ => return None,
    })
}

fn of_name(word: &str, before: &str, following: &[(TokenKind, &str)]) -> Option<Class> {
    let is_macro = matches!(following, [(Bang, _), rest @ ..] if !matches!(rest, [(Eq, _), ..]));
    Some(match word {
        "true" | "false" => "n",
        "raw" if before == "&" => "k",
        _ if KEYWORDS.contains(&word) => "k",
        _ if PRIMITIVES.contains(&word) => "t",
        // C's, in libc.
        _ if word.starts_with("c_") || word.ends_with("_t") => "t",
        // A function is told where it is defined, not where it is called: calls are
        // half of what a listing says.
        _ if before == "fn" || is_macro => "f",
        _ if !word.starts_with(char::is_uppercase) => return None,
        _ if word.len() > 1 && !word.contains(char::is_lowercase) => "n",
        _ => "t",
    })
}
