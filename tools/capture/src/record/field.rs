//! Every value that a claim or a sentence can name.

use super::mapping::{FieldValue, MappingError};
use super::{Checkpoint, Mapping, Record};
use crate::nearest::{meant, nearest};
use crate::unit::Unit;

/// A value of a record, with its kind of unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// An amount of memory, in bytes.
    Bytes(u64),
    /// A plain number: faults, a process id, a switch.
    Count(u64),
    /// An address.
    Address(u64),
    /// Text, such as the permissions `rw-p`.
    Text(String),
    /// The two-letter codes of VmFlags.
    Flags(Vec<String>),
}

impl Value {
    /// In words, as a sentence or a table has it: an amount of memory in
    /// `unit`.
    pub fn in_words(&self, unit: Unit, page_size: u64) -> String {
        match self {
            Self::Bytes(bytes) => unit.of(*bytes, page_size),
            Self::Count(count) => count.to_string(),
            Self::Address(address) => format!("{address:#x}"),
            Self::Text(text) => text.clone(),
            Self::Flags(flags) => flags.join(" "),
        }
    }
}

/// A field cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    #[error("no field is named `{name}`{}", nearest(name, known.iter().map(String::as_str)))]
    Unknown { name: String, known: Vec<String> },
    #[error(
        "`{listing}` printed no address by `{checkpoint}`, so there is no mapping to look at; a listing names one with a line such as `memory at 0x7f1571c00000`{hint}"
    )]
    NoMapping {
        listing: String,
        checkpoint: String,
        /// What was meant, if it was a field of the process.
        hint: String,
    },
    #[error(
        "`{listing}` printed several addresses by `{checkpoint}`; say which with `--of NAME`: {}",
        names.join(", ")
    )]
    Ambiguous {
        listing: String,
        checkpoint: String,
        names: Vec<String>,
    },
    #[error(
        "`{listing}` printed no address named `{name}` by `{checkpoint}`{}",
        nearest(name, known.iter().map(String::as_str))
    )]
    UnknownMapping {
        listing: String,
        checkpoint: String,
        name: String,
        known: Vec<String>,
    },
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

/// One checkpoint of a record, and the mapping that smaps fields mean.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub record: &'a Record,
    pub checkpoint: &'a Checkpoint,
    /// The name of the mapping, when the listing printed several addresses.
    pub of: Option<&'a str>,
}

/// Fields that no kernel file prints under this name.
const OWN: &[&str] = &[
    "pid", "pagesize", "start", "end", "perms", "VmFlags", "minflt", "majflt",
];

impl View<'_> {
    /// The value of a field at this checkpoint: of the mapping (smaps, or one
    /// of `start`, `end`, `perms`), of the process (status, `minflt`, `majflt`,
    /// `pid`), of the machine (`pagesize`), or an address that the listing
    /// printed.
    pub fn value(&self, name: &str) -> Result<Value, FieldError> {
        let text = |text: &str| Value::Text(text.to_owned());
        match name {
            "pid" => return Ok(Value::Count(self.record.pid.into())),
            "pagesize" => return Ok(Value::Bytes(self.record.environment.page_size)),
            "start" => return Ok(Value::Address(self.mapping()?.start)),
            "end" => return Ok(Value::Address(self.mapping()?.end)),
            "perms" => return Ok(text(self.mapping()?.permissions())),
            _ => {}
        }
        if let Some(address) = self.checkpoint.addresses.get(name) {
            return Ok(Value::Address(*address));
        }
        if let Some(value) = self.of_stat(name).or_else(|| self.of_status(name)) {
            return Ok(value);
        }
        let mapping = self.mapping().map_err(|error| self.hinted(name, error))?;
        if name == "VmFlags" {
            let flags = mapping.flags().unwrap_or_default();
            return Ok(Value::Flags(flags.into_iter().map(str::to_owned).collect()));
        }
        match mapping.field(name) {
            Some(FieldValue::Bytes(bytes)) => Ok(Value::Bytes(bytes)),
            Some(FieldValue::Count(count)) => Ok(Value::Count(count)),
            None => Err(self.unknown(name, &mapping)),
        }
    }

    /// The VMA that smaps fields are taken from.
    pub fn mapping(&self) -> Result<Mapping, FieldError> {
        let addresses = &self.checkpoint.addresses;
        let known = || addresses.keys().cloned().collect::<Vec<_>>();
        let listing = self.record.listing.clone();
        let checkpoint = self.checkpoint.name.clone();
        let address = match self.of {
            Some(name) => addresses
                .get(name)
                .ok_or_else(|| FieldError::UnknownMapping {
                    listing,
                    checkpoint,
                    name: name.to_owned(),
                    known: known(),
                })?,
            None if addresses.len() > 1 => {
                return Err(FieldError::Ambiguous {
                    listing,
                    checkpoint,
                    names: known(),
                });
            }
            None => addresses.values().next().ok_or(FieldError::NoMapping {
                listing,
                checkpoint,
                hint: String::new(),
            })?,
        };
        Ok(Mapping::holding(*address, &self.checkpoint.proc.smaps)?)
    }

    /// Fault counters: fields 10 and 12 of stat, the 8th and 10th behind the
    /// parenthesis that closes the command's name; see proc_pid_stat(5).
    fn of_stat(&self, name: &str) -> Option<Value> {
        let behind = match name {
            "minflt" => 7,
            "majflt" => 9,
            _ => return None,
        };
        let (_, rest) = self.checkpoint.proc.stat.rsplit_once(") ")?;
        let number = rest.split_ascii_whitespace().nth(behind)?;
        Some(Value::Count(number.parse().ok()?))
    }

    fn of_status(&self, name: &str) -> Option<Value> {
        let (_, rest) = self.status_lines().find(|(field, _)| *field == name)?;
        let mut words = rest.split_ascii_whitespace();
        let number: u64 = words.next()?.parse().ok()?;
        match words.next() {
            Some("kB") => number.checked_mul(1024).map(Value::Bytes),
            Some(_) => None,
            None => Some(Value::Count(number)),
        }
    }

    fn status_lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.checkpoint.proc.status.lines();
        lines.filter_map(|line| line.split_once(':'))
    }

    fn status_fields(&self) -> impl Iterator<Item = &str> {
        let names = self.status_lines().map(|(field, _)| field);
        names.filter(|field| self.of_status(field).is_some())
    }

    /// Without a mapping, a field of the process may have been meant.
    fn hinted(&self, name: &str, error: FieldError) -> FieldError {
        match error {
            FieldError::NoMapping {
                listing,
                checkpoint,
                ..
            } => FieldError::NoMapping {
                listing,
                checkpoint,
                hint: meant(name, self.status_fields().chain(OWN.iter().copied())),
            },
            other => other,
        }
    }

    fn unknown(&self, name: &str, mapping: &Mapping) -> FieldError {
        let of_mapping = mapping.field_names().into_iter();
        let of_process = self.status_fields();
        let printed = self.checkpoint.addresses.keys().map(String::as_str);
        let mut known: Vec<String> = of_mapping
            .chain(OWN.iter().copied())
            .chain(printed)
            .chain(of_process)
            .map(str::to_owned)
            .collect();
        known.dedup();
        FieldError::Unknown {
            name: name.to_owned(),
            known,
        }
    }
}
