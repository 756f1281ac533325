//! "Did you mean …?" for names that do not exist.

/// A clause that names what was probably meant, or lists what there is.
///
/// It begins with a semicolon, so that it can follow any message.
pub fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    if let Some(meant) = meant(wanted, known.iter().copied()) {
        meant
    } else if known.is_empty() {
        "; there are none".to_owned()
    } else {
        let some: Vec<String> = known
            .iter()
            .take(12)
            .map(|name| format!("`{name}`"))
            .collect();
        let more = if known.len() > some.len() {
            ", …"
        } else {
            ""
        };
        format!("; there are {}{more}", some.join(", "))
    }
}

/// The same, and nothing where nothing is close.
pub fn meant<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let lower = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .map(|name| (likeness(&lower, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.66)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let close: Vec<String> = scored
        .iter()
        .take(3)
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    (!close.is_empty()).then(|| format!("; did you mean {}?", close.join(" or ")))
}

/// A name that is longer was not mistyped; comparing two such would take time
/// and memory by the product of their lengths.
const LONGEST: usize = 200;

/// From 0 to 1: few slips of the fingers, or the same beginning.
fn likeness(a: &str, b: &str) -> f64 {
    if a.len().max(b.len()) > LONGEST {
        return 0.0;
    }
    let same_beginning = (strsim::jaro_winkler(a, b) - 0.4) / 0.6;
    strsim::normalized_damerau_levenshtein(a, b).max(same_beginning)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_the_close_ones_first() {
        let known = ["mmap-anon", "mmap-anon-interactive", "touch-pages"];
        assert_eq!(
            nearest("mmap-anom", known.into_iter()),
            "; did you mean `mmap-anon` or `mmap-anon-interactive`?"
        );
        assert_eq!(nearest("tow", ["two"].into_iter()), "; did you mean `two`?");
        assert_eq!(nearest("RSS", ["Rss"].into_iter()), "; did you mean `Rss`?");
    }

    #[test]
    fn lists_what_there_is_when_nothing_is_close() {
        assert_eq!(
            nearest("xyzzy", ["mapped", "touched"].into_iter()),
            "; there are `mapped`, `touched`"
        );
        assert_eq!(nearest("x", [].into_iter()), "; there are none");
    }
}
