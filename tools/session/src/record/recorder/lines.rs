//! The lines of a listing that the recorder understands.

/// `memory at 0x7f1571c00000`: a name and an address, perhaps with more behind.
pub fn address(line: &str) -> Option<(&str, u64)> {
    let (name, rest) = line.split_once(" at 0x")?;
    if !is_name(name) {
        return None;
    }
    let digits = rest
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(rest.len());
    Some((name, u64::from_str_radix(&rest[..digits], 16).ok()?))
}

/// `mapped: press Return to write one byte`: the name, and what comes next.
pub fn checkpoint(line: &str) -> Option<(&str, &str)> {
    let (name, next) = line.split_once(": press Return to ")?;
    is_place(name).then_some((name, next))
}

/// A name that a checkpoint can have, or a program that runs beside another.
pub fn is_place(name: &str) -> bool {
    is_small(name, '-')
}

/// `child is process 216235`: another process that is to be looked at.
pub fn process(line: &str) -> Option<(&str, u32)> {
    let (name, pid) = line.split_once(" is process ")?;
    is_name(name).then_some((name, pid.parse().ok()?))
}

/// `faults = 64`: a value by its name.
pub fn value(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" = ")?;
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(inside);
    (named && !value.trim().is_empty()).then_some((name, value.trim()))
}

/// A name that a shell can have as a variable.
fn is_name(name: &str) -> bool {
    is_small(name, '_')
}

/// Small letters and digits, a letter first, and perhaps what stands between words.
fn is_small(name: &str, between: char) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == between;
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_an_address() {
        assert_eq!(
            address("memory at 0x7f1571c00000"),
            Some(("memory", 0x7f15_71c0_0000))
        );
        assert_eq!(address("page_1 at 0x1000, 4 KiB"), Some(("page_1", 0x1000)));
        assert_eq!(address("look at 0xzz"), None);
        assert_eq!(address("two words at 0x10"), None);
    }

    #[test]
    fn a_line_announces_a_checkpoint() {
        assert_eq!(
            checkpoint("mapped: press Return to write one byte"),
            Some(("mapped", "write one byte"))
        );
        assert_eq!(checkpoint("Press Return to go on"), None);
        assert_eq!(checkpoint("two words: press Return to go on"), None);
    }

    #[test]
    fn a_line_names_a_value_or_a_process() {
        assert_eq!(value("faults = 64"), Some(("faults", "64")));
        assert_eq!(
            value("O_RDWR_SHARED = EACCES"),
            Some(("O_RDWR_SHARED", "EACCES"))
        );
        assert_eq!(value("ns = 3 5 9"), Some(("ns", "3 5 9")));
        assert_eq!(value("a sentence = no value"), None);
        assert_eq!(value("empty = "), None);
        assert_eq!(process("child is process 216235"), Some(("child", 216_235)));
        assert_eq!(process("this is process one"), None);
    }
}
