//! Where the time of a build goes: one level of spans.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

/// What a build did, in the order in which it began, and for how long.
#[derive(Debug, Default)]
pub struct Spans(Mutex<Vec<(&'static str, Duration)>>);

impl Spans {
    /// More time for something, which may come in parts.
    pub fn add(&self, what: &'static str, time: Duration) {
        let Ok(mut spans) = self.0.lock() else {
            return;
        };
        match spans.iter_mut().find(|(known, _)| *known == what) {
            Some((_, so_far)) => *so_far += time,
            None => spans.push((what, time)),
        }
    }

    /// All that was told so far.
    pub fn total(&self) -> Duration {
        let spans = self.0.lock();
        spans.map_or(Duration::ZERO, |spans| {
            spans.iter().map(|(_, time)| *time).sum()
        })
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total().as_secs_f64();
        let spans = self.0.lock().map_err(|_| fmt::Error)?;
        for (what, time) in spans.iter() {
            let (part, seconds) = (time.as_secs_f64() / total, time.as_secs_f64());
            writeln!(
                f,
                "  {what:<14}{:>8.1} ms {:>5.1} %",
                seconds * 1e3,
                part * 1e2
            )?;
        }
        write!(f, "  {:<14}{:>8.1} ms", "together", total * 1e3)
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
