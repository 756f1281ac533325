//! Commands other than `capture`, run by mdbook-cmdrun. What they print passes the
//! same guard as a capture.
//!
//! Upstream's `run_cmdrun` has no time limit, mixes errors into the page and
//! changes the spaces of a command. Each command therefore becomes a script in
//! a temporary folder, which is what upstream runs.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use mdbook_cmdrun::CmdRun;
use session::{Folder, KEEP, Records, page_text};
use text::line_of;

/// Seconds that a command may take.
const LIMIT: u64 = 60;

/// A temporary folder with a `capture` for the PATH, the records and the
/// scripts. It is removed when it is dropped, and also when this process is
/// killed.
pub struct Shell {
    folder: Folder,
    /// How many commands it has run.
    count: AtomicUsize,
}

impl Shell {
    /// Sets up the folder for one build.
    pub fn open(records: &Records) -> anyhow::Result<Self> {
        let folder = Folder::make(&env::temp_dir(), "book-commands")?;
        let bin = folder.path().join("bin");
        fs::create_dir(&bin)?;
        let program = env::current_exe()?;
        for name in ["capture", KEEP] {
            symlink(&program, bin.join(name))?;
        }
        let kept = folder.path().join("records");
        fs::create_dir(&kept)?;
        records.write(&kept)?;
        Ok(Self {
            folder,
            count: AtomicUsize::new(0),
        })
    }

    /// Runs a directive's command in a chapter's folder.
    pub fn run(
        &self,
        flag: &str,
        command: &str,
        working_folder: &Path,
        inline: bool,
    ) -> Result<String, String> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let path = |name: String| self.folder.path().join(name).to_string_lossy().into_owned();
        let errors = path(format!("{number}.err"));
        let script = path(format!("{number}.sh"));
        let text = format!(
            "exec 2>{}\nPATH={}:$PATH CAPTURE_RECORDS={}\nexport PATH CAPTURE_RECORDS\n{command}\n",
            quoted(&errors),
            quoted(&path("bin".to_owned())),
            quoted(&path("records".to_owned())),
        );
        let failed = |error: io::Error| format!("cannot prepare `{command}`: {error}");
        fs::write(&script, text).map_err(failed)?;
        let wrapped = format!(
            "{flag} exec {} {LIMIT} sh {} 2>>{}",
            quoted(&path(format!("bin/{KEEP}"))),
            quoted(&script),
            quoted(&errors),
        );
        let folder = working_folder.to_string_lossy();
        let output = CmdRun::run_cmdrun(wrapped, &folder, inline)
            .map_err(|error| format!("cannot run `{command}`: {error:#}"))?;
        match output.strip_prefix("**cmdrun error**") {
            None => guarded(output).map_err(|why| format!("`{command}`: {why}")),
            Some(told) => Err(self.told(told, &errors, command)),
        }
    }

    /// Upstream's message names the script; the page's author knows a command.
    fn told(&self, told: &str, errors: &str, command: &str) -> String {
        let code = told
            .split_once("returned exit code ")
            .and_then(|(_, rest)| rest.split_once(".\n"));
        let what = match code {
            None => "was ended before it was done".to_owned(),
            Some((code, _)) if code.starts_with("124 ") => format!("took more than {LIMIT} s"),
            Some((code, _)) => format!("ended with exit status {code}"),
        };
        let printed = fs::read_to_string(errors).unwrap_or_default();
        match printed.trim_end() {
            "" => format!("`{command}` {what}"),
            printed => format!("`{command}` {what}:\n{printed}"),
        }
    }
}

/// Output that a page can show, to the letter.
fn guarded(output: String) -> Result<String, String> {
    // Upstream puts this sign for bytes that are no text.
    if let Some(at) = output.find(char::REPLACEMENT_CHARACTER) {
        let line = line_of(&output, at);
        return Err(format!(
            "it printed bytes that are not UTF-8 in line {line} of its output; a page shows text"
        ));
    }
    page_text(output.into_bytes())
}

/// A word for the shell, in single quotes.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
