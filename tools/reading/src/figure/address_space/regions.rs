//! The VMAs of a process, grouped and named.
//!
//! A VMA has no name in the kernel but its file's; what the parts of a program
//! are is told by permissions and flags, and what lies behind them by where it
//! begins. See proc_pid_maps(5) and proc_pid_smaps(5).

use std::collections::BTreeMap;

use session::Mapping;

/// Neighbouring VMAs that a picture shows as one box; or a hole between two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Region {
    pub name: String,
    /// It shows a file's content.
    pub of_file: bool,
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// How many bytes of it are mapped.
    pub mapped: u64,
    /// Permissions as in maps, each once, in the order of the addresses; none in a hole.
    pub permissions: Vec<String>,
}

/// What addresses are called that are only kept free.
pub const RESERVED: &str = "no access";
const DATA: &str = "data (program)";
const BSS: &str = "bss (program)";

/// Groups and names VMAs, from low to high addresses. `start_code` is an address
/// of the program's text; `pointers` are the addresses that the listing printed.
pub fn regions(
    maps: &[Mapping],
    start_code: Option<u64>,
    pointers: &BTreeMap<String, u64>,
) -> Vec<Region> {
    let holds = |map: &Mapping, at: u64| (map.start..map.end).contains(&at);
    let of_program = |map: &&Mapping| start_code.is_some_and(|at| holds(map, at));
    let program = maps.iter().find(of_program).map(|map| map.path);
    let mut regions: Vec<Region> = Vec::new();
    let mut before = None;
    for map in maps {
        let mut region = Region::of(map, program);
        let joins = regions.last().is_some_and(|last| {
            let touches = last.end == region.start;
            let is_code = last.permissions.iter().any(|each| each.contains('x'));
            if is_memory(map) {
                if touches && last.name == DATA {
                    region.name = BSS.to_owned();
                }
                // Behind a library lies its own bss.
                let pointed = pointers.values().any(|at| holds(map, *at));
                touches && (last.name == BSS || is_code && !pointed)
            } else {
                // A library's parts may lie apart.
                let of_one = region.of_file && before == Some(map.path);
                of_one && last.name == region.name && (touches || is_code)
            }
        });
        match regions.last_mut() {
            Some(last) if joins => last.grow(region),
            _ => regions.push(region),
        }
        before = Some(map.path);
    }
    regions
}

/// Memory without a file that can be written.
fn is_memory(map: &Mapping) -> bool {
    map.path.is_empty() && map.permissions.starts_with("rw")
}

impl Region {
    fn of(map: &Mapping, program: Option<&str>) -> Self {
        let name = match map.path {
            path if Some(path) == program => part_of_program(map),
            "" if is_reserved(map) => RESERVED,
            "" => "anonymous memory",
            // In brackets, a name of the kernel's, which may hold any character.
            name if name.starts_with('[') => name,
            path => path.rsplit('/').next().unwrap_or(path),
        };
        Self {
            name: name.to_owned(),
            of_file: !map.path.is_empty() && !map.path.starts_with('['),
            start: map.start,
            end: map.end,
            mapped: map.end - map.start,
            permissions: vec![map.permissions.to_owned()],
        }
    }

    pub fn is_hole(&self) -> bool {
        self.permissions.is_empty()
    }

    fn grow(&mut self, other: Self) {
        self.end = other.end;
        self.mapped += other.mapped;
        for permissions in other.permissions {
            if !self.permissions.contains(&permissions) {
                self.permissions.push(permissions);
            }
        }
    }
}

/// Nobody may read, write or execute it.
fn is_reserved(map: &Mapping) -> bool {
    map.permissions.starts_with("---")
}

/// A private mapping counts as memory that may be needed (`ac`) once it was
/// writable: the dynamic loader's relocations were written there, and then it
/// was made read-only.
fn part_of_program(map: &Mapping) -> &'static str {
    let permissions = map.permissions;
    if permissions.contains('x') {
        "text (program)"
    } else if permissions.contains('w') {
        DATA
    } else if is_reserved(map) {
        RESERVED
    } else if map.flags().is_some_and(|flags| flags.contains(&"ac")) {
        "relro (program)"
    } else {
        "rodata (program)"
    }
}

#[cfg(test)]
mod tests;
