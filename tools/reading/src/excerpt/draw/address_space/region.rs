//! One box of the picture: neighbouring VMAs that belong together.

use procfs_core::process::MemoryMap;

/// What a VMA without a file is called.
pub const ANONYMOUS: &str = "anonymous memory";
/// What addresses are called that are only kept free.
pub const RESERVED: &str = "no access";

/// Neighbouring VMAs that a picture shows as one box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    pub name: String,
    pub backing: Backing,
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// How many bytes of it are mapped.
    pub mapped: u64,
    /// Permissions as in maps, each once, in the order of the addresses.
    pub permissions: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backing {
    /// A file's content.
    File,
    /// Memory without a file.
    Anonymous,
    /// Addresses that are only kept free: no access.
    Reserved,
    /// The kernel's own pages.
    Kernel,
}

impl Region {
    pub fn new(name: &str, backing: Backing, map: &MemoryMap) -> Self {
        let (start, end) = map.address;
        Self {
            name: name.to_owned(),
            backing,
            start,
            end,
            mapped: end - start,
            permissions: vec![map.perms.as_str()],
        }
    }

    pub fn grow(&mut self, map: &MemoryMap) {
        let (start, end) = map.address;
        self.end = end;
        self.mapped += end - start;
        let permissions = map.perms.as_str();
        if !self.permissions.contains(&permissions) {
            self.permissions.push(permissions);
        }
    }

    pub fn is_library(&self) -> bool {
        self.backing == Backing::File && self.permissions.iter().any(|p| p.contains('x'))
    }

    pub fn is_unnamed(&self) -> bool {
        self.name == ANONYMOUS || self.name == RESERVED
    }
}
