//! Where the time of a build goes: one level of spans.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use crate::lock;

/// What a build did, in the order in which it began, and for how long.
#[derive(Debug, Default)]
pub struct Spans(Mutex<Vec<(&'static str, Duration)>>);

impl Spans {
    /// More time for something, which may come in parts.
    pub fn add(&self, what: &'static str, time: Duration) {
        let mut spans = lock(&self.0);
        match spans.iter_mut().find(|(known, _)| *known == what) {
            Some((_, so_far)) => *so_far += time,
            None => spans.push((what, time)),
        }
    }

    /// All that was told so far.
    pub fn total(&self) -> Duration {
        lock(&self.0).iter().map(|(_, time)| *time).sum()
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total().as_secs_f64() * 1e3;
        for (what, time) in lock(&self.0).iter() {
            let time = time.as_secs_f64() * 1e3;
            writeln!(
                f,
                "  {what:<14}{time:>8.1} ms {:>5.1} %",
                time / total * 1e2
            )?;
        }
        write!(f, "  {:<14}{total:>8.1} ms", "together")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_thing_are_added_up() {
        let spans = Spans::default();
        for (what, time) in [("checks", 10), ("sessions", 60), ("checks", 10)] {
            spans.add(what, Duration::from_millis(time));
        }
        assert_eq!(
            spans.to_string(),
            "  checks            20.0 ms  25.0 %\n\
             \x20 sessions          60.0 ms  75.0 %\n\
             \x20 together          80.0 ms"
        );
    }
}
