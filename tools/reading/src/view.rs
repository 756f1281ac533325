//! Every value that a claim or a sentence can name.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::unit::{Amount, Kind, Unit};
use session::{
    Checkpoint, END, FieldValue, Mapping, MappingError, PageRun, Pages, Place, ProcFiles, Record,
    RecordError,
};
use text::{meant, nearest};

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// What a claim can count with.
    Amount(Amount),
    /// Text, such as the permissions `rw-p`.
    Text(String),
    /// The two-letter codes of VmFlags.
    Flags(Vec<String>),
    /// Several numbers that the listing printed on one line.
    Series(Vec<u64>),
}

impl Value {
    pub fn bytes(number: u64) -> Self {
        Self::Amount(Amount {
            kind: Kind::Memory,
            number: number.into(),
        })
    }

    pub fn count(number: u64) -> Self {
        Self::Amount(Amount {
            kind: Kind::Count,
            number: number.into(),
        })
    }

    pub fn address(number: u64) -> Self {
        Self::Amount(Amount {
            kind: Kind::Address,
            number: number.into(),
        })
    }

    /// The amount that it is, if it is one.
    pub fn amount(&self) -> Option<Amount> {
        match self {
            Self::Amount(amount) => Some(*amount),
            _ => None,
        }
    }

    pub fn kind(&self) -> Option<Kind> {
        self.amount().map(|amount| amount.kind)
    }

    /// What it is, in a sentence.
    pub fn called(&self) -> &'static str {
        match (self, self.kind()) {
            (Self::Text(_), _) => "a word",
            (Self::Flags(_), _) => "flags",
            (Self::Series(_), _) => "a series",
            (_, Some(Kind::Memory)) => "an amount of memory",
            (_, Some(Kind::Time)) => "a time",
            (_, Some(Kind::Address)) => "an address",
            _ => "a plain number",
        }
    }

    /// In words, as a sentence or a table has it: an amount in `unit`, or else in
    /// that of its kind which the kernel uses.
    pub fn in_words(&self, unit: Option<Unit>, page_size: u64) -> String {
        match self {
            Self::Amount(Amount {
                kind: Kind::Address,
                number,
            }) => format!("{number:#x}"),
            Self::Amount(Amount { kind, number }) => {
                let usual = match kind {
                    Kind::Memory => Some(Unit::Kilobytes),
                    Kind::Time => Some(Unit::Nanoseconds),
                    Kind::Count | Kind::Address => None,
                };
                match unit.filter(|unit| unit.kind() == *kind).or(usual) {
                    Some(unit) => unit.of(*number, page_size),
                    None => number.to_string(),
                }
            }
            Self::Text(text) => text.clone(),
            Self::Flags(flags) => flags.join(" "),
            Self::Series(numbers) => {
                let numbers = numbers.iter().map(ToString::to_string);
                numbers.collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// A printed value: `64`, `3 pages`, `1220 ns`, `EACCES`, `1151 1222 1300`. With
/// a word behind it that is no unit, a number is text: nobody knows what it counts.
fn printed(text: &str, page_size: u64) -> Value {
    let words: Vec<&str> = text.split_whitespace().collect();
    let numbers: Vec<u64> = words.iter().map_while(|word| word.parse().ok()).collect();
    match (numbers.as_slice(), &words[numbers.len()..]) {
        ([number], []) => Value::count(*number),
        ([number], [unit]) => match unit.parse::<Unit>() {
            Ok(unit) => Value::Amount(Amount {
                kind: unit.kind(),
                number: i128::from(*number) * i128::from(unit.size(page_size)),
            }),
            Err(_) => Value::Text(text.to_owned()),
        },
        ([_, _, ..], []) => Value::Series(numbers),
        _ => Value::Text(text.to_owned()),
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
    #[error(
        "`{listing}` has no process `{name}` at `{checkpoint}`{}; a listing names one with a line such as `child is process 216235`",
        nearest(name, known.iter().map(String::as_str))
    )]
    NoProcess {
        listing: String,
        checkpoint: String,
        name: String,
        known: Vec<String>,
    },
    #[error(
        "`{listing}` printed no value `{name}`, and after its end nothing else is known{}",
        nearest(name, known.iter().map(String::as_str))
    )]
    NotPrinted {
        listing: String,
        name: String,
        known: Vec<String>,
    },
    #[error(
        "the pages of this mapping of `{listing}` are not in the record: it is larger than 1 GiB"
    )]
    TooLarge { listing: String },
    #[error(transparent)]
    Place(#[from] RecordError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

/// One place of a record, and the mapping that smaps fields mean.
#[derive(Debug, Clone)]
pub struct View<'a> {
    pub record: &'a Record,
    /// `None` after the end of the program.
    checkpoint: Option<&'a Checkpoint>,
    /// The process that is looked at.
    pid: u32,
    proc: Option<&'a ProcFiles>,
    pages: Option<&'a Pages>,
    /// The name of the mapping, when the listing printed several addresses.
    of: Option<&'a str>,
    /// The mapping, once it has been looked for.
    mapping: OnceCell<Mapping>,
}

/// Fields that no kernel file prints under this name.
const OWN: &[&str] = &[
    "pid", "pagesize", "start", "end", "perms", "offset", "inode", "path", "present", "VmFlags",
    "minflt", "majflt",
];

impl<'a> View<'a> {
    /// Looks at a place of a record. `of` names the mapping, where the listing
    /// printed several addresses.
    pub fn at(record: &'a Record, place: &Place, of: Option<&'a str>) -> Result<Self, FieldError> {
        let checkpoint = match record.at(&place.checkpoint) {
            Ok(checkpoint) => checkpoint,
            Err(_) if place.checkpoint == END => return Self::at_end(record, place, of),
            Err(error) => return Err(error.into()),
        };
        let (pid, proc, pages) = match &place.process {
            None => (record.pid, &checkpoint.proc, &checkpoint.pages),
            Some(name) => {
                let process = checkpoint
                    .processes
                    .get(name)
                    .ok_or_else(|| no_process(record, place, name, checkpoint.processes.keys()))?;
                (process.pid, &process.proc, &process.pages)
            }
        };
        Ok(Self {
            record,
            checkpoint: Some(checkpoint),
            pid,
            proc: Some(proc),
            pages: Some(pages),
            of,
            mapping: OnceCell::new(),
        })
    }

    fn at_end(record: &'a Record, place: &Place, of: Option<&'a str>) -> Result<Self, FieldError> {
        let record = match &place.process {
            None => record,
            Some(name) => record
                .companions
                .get(name)
                .ok_or_else(|| no_process(record, place, name, record.companions.keys()))?,
        };
        Ok(Self {
            record,
            checkpoint: None,
            pid: record.pid,
            proc: None,
            pages: None,
            of,
            mapping: OnceCell::new(),
        })
    }

    /// The raw text of the kernel's files about the process; `None` after its
    /// end.
    pub fn files(&self) -> Option<&'a ProcFiles> {
        self.proc
    }

    /// What the listing printed by then as the value of that name, to the
    /// letter.
    pub fn printed(&self, name: &str) -> Option<&'a str> {
        let values = match self.checkpoint {
            Some(checkpoint) => &checkpoint.values,
            None => &self.record.values,
        };
        values.get(name).map(String::as_str)
    }

    /// The value of a field at this place: printed by the listing (`NAME =
    /// VALUE`, or an address), of the mapping (smaps, or one of `start`, `end`,
    /// `perms`), of the process (status, `minflt`, `majflt`, `pid`), or of the
    /// machine (`pagesize`).
    pub fn value(&self, name: &str) -> Result<Value, FieldError> {
        let page_size = self.record.environment.page_size;
        match name {
            "pid" => return Ok(Value::count(self.pid.into())),
            "pagesize" => return Ok(Value::bytes(page_size)),
            _ => {}
        }
        if let Some(text) = self.printed(name) {
            return Ok(printed(text, page_size));
        }
        let Some(checkpoint) = self.checkpoint else {
            return Err(FieldError::NotPrinted {
                listing: self.record.listing.clone(),
                name: name.to_owned(),
                known: self.record.values.keys().cloned().collect(),
            });
        };
        match name {
            "start" => return Ok(Value::address(self.mapping()?.start)),
            "end" => return Ok(Value::address(self.mapping()?.end)),
            "offset" => return Ok(Value::bytes(self.mapping()?.offset())),
            "inode" => return Ok(Value::count(self.mapping()?.inode())),
            "path" => return Ok(Value::Text(self.mapping()?.path().to_owned())),
            "present" => {
                let (_, runs) = self.pages()?;
                let present = runs.iter().filter(|run| run.state.present);
                let pages: u64 = present.map(|run| run.pages).sum();
                return Ok(Value::bytes(pages * page_size));
            }
            "perms" => return Ok(Value::Text(self.mapping()?.permissions().to_owned())),
            _ => {}
        }
        if let Some(address) = checkpoint.addresses.get(name) {
            return Ok(Value::address(*address));
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
            Some(FieldValue::Bytes(bytes)) => Ok(Value::bytes(bytes)),
            Some(FieldValue::Count(count)) => Ok(Value::count(count)),
            None => Err(self.unknown(name, mapping)),
        }
    }

    /// The states of the mapping's pages, by pagemap, with the name of its
    /// address.
    pub fn pages(&self) -> Result<(&'a str, &'a [PageRun]), FieldError> {
        let mapping = self.mapping()?;
        let addresses = self.checkpoint.into_iter().flat_map(|at| &at.addresses);
        let mut named = addresses.filter(|(name, address)| {
            (mapping.start..mapping.end).contains(address) && self.of.is_none_or(|of| of == *name)
        });
        let found = named.next().and_then(|(name, _)| {
            let runs = self.pages?.get(name)?;
            Some((&name[..], &runs[..]))
        });
        found.ok_or_else(|| FieldError::TooLarge {
            listing: self.record.listing.clone(),
        })
    }

    /// The value in words, an amount of memory in `unit`.
    pub fn in_words(&self, name: &str, unit: Option<Unit>) -> Result<String, FieldError> {
        let page_size = self.record.environment.page_size;
        Ok(self.value(name)?.in_words(unit, page_size))
    }

    /// The VMA that smaps fields are taken from.
    pub fn mapping(&self) -> Result<&Mapping, FieldError> {
        match self.mapping.get() {
            Some(mapping) => Ok(mapping),
            None => {
                let found = self.find_mapping()?;
                Ok(self.mapping.get_or_init(|| found))
            }
        }
    }

    fn find_mapping(&self) -> Result<Mapping, FieldError> {
        let empty = BTreeMap::new();
        let addresses = self
            .checkpoint
            .map_or(&empty, |checkpoint| &checkpoint.addresses);
        let known = || addresses.keys().cloned().collect::<Vec<_>>();
        let listing = self.record.listing.clone();
        let checkpoint = self
            .checkpoint
            .map_or(END, |checkpoint| &checkpoint.name)
            .to_owned();
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
        let smaps = self.proc.map_or("", |proc| &proc.smaps);
        Ok(Mapping::holding(*address, smaps)?)
    }

    /// Fault counters: fields 10 and 12 of stat, the 8th and 10th behind the
    /// parenthesis that closes the command's name; see proc_pid_stat(5).
    fn of_stat(&self, name: &str) -> Option<Value> {
        let behind = match name {
            "minflt" => 7,
            "majflt" => 9,
            _ => return None,
        };
        let (_, rest) = self.proc?.stat.rsplit_once(") ")?;
        let number = rest.split_ascii_whitespace().nth(behind)?;
        Some(Value::count(number.parse().ok()?))
    }

    fn of_status(&self, name: &str) -> Option<Value> {
        let (_, rest) = self.status_lines().find(|(field, _)| *field == name)?;
        let mut words = rest.split_ascii_whitespace();
        let number: u64 = words.next()?.parse().ok()?;
        match words.next() {
            Some("kB") => number.checked_mul(1024).map(Value::bytes),
            Some(_) => None,
            None => Some(Value::count(number)),
        }
    }

    fn status_lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let status = self.proc.map_or("", |proc| &proc.status);
        status.lines().filter_map(|line| line.split_once(':'))
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
        let printed = self.checkpoint.into_iter().flat_map(|checkpoint| {
            checkpoint
                .values
                .keys()
                .chain(checkpoint.addresses.keys())
                .map(String::as_str)
        });
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

fn no_process<'a>(
    record: &Record,
    place: &Place,
    name: &str,
    known: impl Iterator<Item = &'a String>,
) -> FieldError {
    FieldError::NoProcess {
        listing: record.listing.clone(),
        checkpoint: place.checkpoint.clone(),
        name: name.to_owned(),
        known: known.cloned().collect(),
    }
}
