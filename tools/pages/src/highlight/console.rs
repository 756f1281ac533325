//! Commands behind a prompt, and what they print.

use text::escape;

use super::Language;

const PROMPT: &str = "$ ";

pub fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| match line.strip_prefix(PROMPT) {
            Some(command) => format!(
                "<span class=\"prompt\">{PROMPT}</span><kbd>{}</kbd>",
                Language::Shell.lines(command).concat()
            ),
            None => escape(line),
        })
        .collect()
}
