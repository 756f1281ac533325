//! The five steps of CONTRIBUTING.md, to the letter: its commands are run and its
//! files are written, in a copy of this repository.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use book_tests::{Finished, Running, repository, tool};

/// What a reader does in a step.
#[derive(Debug, PartialEq)]
enum Step {
    /// A line of a block of the shell.
    Run(String),
    /// "Make `FILE`:"
    Make(String, String),
    /// "Name it in `FILE`, below `LINE`…:"
    Below(String, String, String),
}

#[test]
fn the_five_steps_end_well() {
    let copy = Copy::of_the_repository();
    let steps = steps(&copy.read("CONTRIBUTING.md"));
    for step in steps {
        match step {
            // What it does is looked at below, as far as that is cheap.
            Step::Run(command) if command == "cargo xtask test" => copy.is_green(),
            Step::Run(command) => drop(copy.run(&command).succeeded()),
            Step::Make(file, text) => fs::write(copy.root.join(file), text).expect("written"),
            Step::Below(file, line, text) => {
                let old = copy.read(&file);
                assert_eq!(old.matches(&line).count(), 1, "{line} in {file}");
                let new = old.replace(&line, &format!("{line}\n{}", text.trim_end()));
                fs::write(copy.root.join(file), new).expect("written");
            }
        }
    }
    let page = copy.read("book/first-contact/one-page.html");
    assert!(page.contains("process id "), "a session is on the page");
    assert!(
        copy.read("README.md")
            .contains("Maps one page and writes one byte to it")
    );
    assert_eq!(
        copy.changed(),
        named_to_commit(&copy.read("CONTRIBUTING.md"))
    );
}

/// The blocks of the chapter of the five steps, with the words before each.
fn steps(contributing: &str) -> Vec<Step> {
    let (_, chapter) = contributing
        .split_once("## A listing and a chapter in five steps\n")
        .expect("the chapter");
    let chapter = chapter.split("\n## ").next().unwrap_or_default();
    let (mut steps, mut before) = (Vec::new(), "");
    let mut lines = chapter.lines();
    while let Some(line) = lines.next() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            before = if line.is_empty() { before } else { line };
            continue;
        }
        let (fence, language) = line.split_at(ticks);
        let body = lines.by_ref().take_while(|line| *line != fence);
        let body: String = body.map(|line| format!("{line}\n")).collect();
        let quoted: Vec<&str> = before.split('`').skip(1).step_by(2).collect();
        match (language, quoted.as_slice()) {
            ("sh", _) => steps.extend(body.lines().map(|line| Step::Run(line.to_owned()))),
            ("toml", _) => {}
            ("markdown", [file]) if before.starts_with("Make ") => {
                steps.push(Step::Make((*file).to_owned(), body));
            }
            ("markdown", [file, line]) if before.contains(", below ") => {
                steps.push(Step::Below((*file).to_owned(), (*line).to_owned(), body));
            }
            _ => panic!(
                "a reader would not know what to do with this block, after {before:?}:\n{body}"
            ),
        }
    }
    steps
}

/// "Commit the listing, the chapter, `FILE`, …": what is new is a folder.
fn named_to_commit(contributing: &str) -> BTreeSet<String> {
    let mut lines = contributing.lines();
    let line = lines.find(|line| line.starts_with("Commit the listing, the chapter, "));
    let named = line.expect("what to commit").split('`').skip(1).step_by(2);
    let made = ["listings/one-page/", "src/first-contact/one-page.md"];
    named.chain(made).map(str::to_owned).collect()
}

struct Copy {
    root: PathBuf,
    /// Where `cargo xtask` is the one that is compiled already.
    path: String,
}

impl Copy {
    fn of_the_repository() -> Self {
        let root = repository().join("target/tests/five-steps");
        let script = r#"mkdir -p "$0" && find "$0" -mindepth 1 -maxdepth 1 ! -name target -exec rm -rf {} + &&
            git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
                if [ -e "$file" ]; then printf '%s\0' "$file"; fi
            done | xargs -0 cp -a --parents -t "$0" &&
            cd "$0" && git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm x"#;
        let mut copied = Command::new("bash");
        copied
            .args(["-c", script])
            .arg(&root)
            .current_dir(repository());
        assert!(copied.status().expect("bash starts").success());
        // It takes longer than a test may.
        let mut listings = Command::new("cargo");
        listings.args(["build", "--quiet"]).current_dir(&root);
        assert!(listings.status().expect("cargo starts").success());

        let bin = root.join("target/bin");
        fs::create_dir_all(&bin).expect("made");
        let cargo = format!(
            "#!/bin/sh\n[ \"$1\" = xtask ] || exec '{}' \"$@\"\nshift\nexec '{}' \"$@\"\n",
            env!("CARGO"),
            tool("xtask").display()
        );
        fs::write(bin.join("cargo"), cargo).expect("written");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(bin.join("cargo"), executable).expect("set");
        let path = std::env::var("PATH").unwrap_or_default();
        Self {
            path: format!("{}:{path}", bin.display()),
            root,
        }
    }

    /// Runs a line of the shell, and presses Return often enough.
    fn run(&self, line: &str) -> Finished {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("printf '\\n\\n\\n' | {line}")]);
        shell.current_dir(&self.root).env("PATH", &self.path);
        Running::start(shell).wait()
    }

    /// What `cargo xtask test` looks at first.
    fn is_green(&self) {
        self.run("cargo fmt --check").succeeded();
        self.run("cargo clippy -p touch-one --all-targets -- -D warnings")
            .succeeded();
        let index = self.read("README.md");
        self.run("cargo xtask index").succeeded();
        assert_eq!(self.read("README.md"), index, "the index is old");
    }

    fn read(&self, file: impl AsRef<Path>) -> String {
        fs::read_to_string(self.root.join(file)).expect("a file")
    }

    /// What git sees as changed, new folders as a whole.
    fn changed(&self) -> BTreeSet<String> {
        let status = self.run("git status --porcelain").succeeded().printed;
        status.lines().map(|line| line[3..].to_owned()).collect()
    }
}

#[test]
fn a_block_that_says_nothing_is_no_step() {
    let text = "## A listing and a chapter in five steps\n\nMake `a.md`:\n\n````markdown\n# A\n\n```sh\nx\n```\n````\n\n\
                Name it in `S.md`, below `- b`:\n\n```markdown\n- a\n```\n\n```sh\none\ntwo\n```\n\n## Next\n\n```sh\nthree\n```\n";
    assert_eq!(
        steps(text),
        [
            Step::Make("a.md".to_owned(), "# A\n\n```sh\nx\n```\n".to_owned()),
            Step::Below("S.md".to_owned(), "- b".to_owned(), "- a\n".to_owned()),
            Step::Run("one".to_owned()),
            Step::Run("two".to_owned()),
        ]
    );
    let vague = text.replace("Make `a.md`:", "Write something:");
    assert!(std::panic::catch_unwind(|| steps(&vague)).is_err());
}
