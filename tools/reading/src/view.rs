//! Every value that a claim or a sentence can name.

use std::cell::OnceCell;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::unit::{Amount, Kind, Unit};
use session::{Checkpoint, END, FieldValue, Mapping, PageRun, Pages, Place, ProcFiles, Record};
use text::{meant, nearest};

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// What a claim can count with.
    Amount(Amount),
    /// Text, such as the permissions `rw-p`.
    Text(String),
    /// The two-letter codes of VmFlags.
    Flags(String),
    /// Several numbers that the listing printed on one line.
    Series(String),
}

impl Value {
    pub fn of(kind: Kind, number: impl Into<i128>) -> Self {
        Self::Amount(Amount::of(kind, number))
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
        let Amount { kind, number } = match self {
            Self::Amount(amount) => *amount,
            Self::Text(text) | Self::Flags(text) | Self::Series(text) => return text.clone(),
        };
        let usual = match kind {
            Kind::Memory => Some(Unit::KILOBYTES),
            Kind::Time => Some(Unit::NANOSECONDS),
            Kind::Count => None,
            Kind::Address => return format!("{number:#x}"),
        };
        match unit.filter(|unit| unit.kind == kind).or(usual) {
            Some(unit) => unit.of(number, page_size),
            None => number.to_string(),
        }
    }
}

/// A printed value: `64`, `3 pages`, `1220 ns`, `EACCES`, `1151 1222 1300`. With
/// a word behind it that is no unit, a number is text: nobody knows what it counts.
fn printed(text: &str, page_size: u64) -> Value {
    let words: Vec<&str> = text.split_whitespace().collect();
    let numbers: Vec<u64> = words.iter().map_while(|word| word.parse().ok()).collect();
    match (&numbers[..], &words[numbers.len()..]) {
        ([number], []) => Value::of(Kind::Count, *number),
        ([number], [unit]) => match unit.parse::<Unit>() {
            Ok(unit) => Value::Amount(unit.amount((*number).into(), page_size)),
            Err(_) => Value::Text(text.to_owned()),
        },
        ([_, _, ..], []) => Value::Series(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

/// One place of a record, and the mapping that smaps fields mean.
#[derive(Debug, Clone)]
pub struct View<'a> {
    pub record: &'a Record,
    /// `None` after the end of the program.
    checkpoint: Option<&'a Checkpoint>,
    /// The process that is looked at.
    pid: u32,
    /// The kernel's files about it, and its pages; `None` after its end.
    seen: Option<(&'a ProcFiles, &'a Pages)>,
    /// The name of the mapping, when the listing printed several addresses.
    of: Option<&'a str>,
    /// The mapping, once it has been looked for.
    mapping: OnceCell<Mapping>,
}

/// Fields that no kernel file prints under this name.
const OWN: &str = "pid pagesize start end perms offset inode path present VmFlags minflt majflt";

impl<'a> View<'a> {
    /// Looks at a place of a record. `of` names the mapping, where the listing
    /// printed several addresses.
    pub fn at(record: &'a Record, place: &Place, of: Option<&'a str>) -> Result<Self> {
        let checkpoint = match record.at(&place.checkpoint) {
            Err(_) if place.checkpoint == END => None,
            found => Some(found?),
        };
        let mut view = Self {
            record,
            checkpoint,
            pid: record.pid,
            seen: checkpoint.map(|at| (&at.proc, &at.pages)),
            of,
            mapping: OnceCell::new(),
        };
        let Some(name) = &place.process else {
            return Ok(view);
        };
        let known: Vec<&String> = match checkpoint {
            Some(at) => {
                if let Some(process) = at.processes.get(name) {
                    view.pid = process.pid;
                    view.seen = Some((&process.proc, &process.pages));
                    return Ok(view);
                }
                at.processes.keys().collect()
            }
            None => {
                if let Some(companion) = record.companions.get(name) {
                    view.record = companion;
                    view.pid = companion.pid;
                    return Ok(view);
                }
                record.companions.keys().collect()
            }
        };
        bail!(
            "`{}` has no process `{name}` at `{}`{}; a listing names one with a line such as `child is process 216235`",
            record.listing,
            place.checkpoint,
            nearest(name, known.into_iter().map(String::as_str))
        )
    }

    /// The raw text of the kernel's files about the process; `None` after its
    /// end.
    pub fn files(&self) -> Option<&'a ProcFiles> {
        self.seen.map(|(files, _)| files)
    }

    /// What the listing printed by then as the value of that name, to the
    /// letter.
    pub fn printed(&self, name: &str) -> Option<&'a str> {
        let values = self.checkpoint.map_or(&self.record.values, |at| &at.values);
        values.get(name).map(String::as_str)
    }

    fn addresses(&self) -> impl Iterator<Item = (&'a str, u64)> {
        let all = self.checkpoint.into_iter().flat_map(|at| &at.addresses);
        all.map(|(name, address)| (&name[..], *address))
    }

    /// The value of a field at this place: printed by the listing (`NAME =
    /// VALUE`, or an address), of the mapping (smaps, or one of `start`, `end`,
    /// `perms`), of the process (status, `minflt`, `majflt`, `pid`), or of the
    /// machine (`pagesize`).
    pub fn value(&self, name: &str) -> Result<Value> {
        let page_size = self.record.environment.page_size;
        match name {
            "pid" => return Ok(Value::of(Kind::Count, self.pid)),
            "pagesize" => return Ok(Value::of(Kind::Memory, page_size)),
            _ => {}
        }
        if let Some(text) = self.printed(name) {
            return Ok(printed(text, page_size));
        }
        ensure!(
            self.checkpoint.is_some(),
            "`{}` printed no value `{name}`, and after its end nothing else is known{}",
            self.record.listing,
            nearest(name, self.record.values.keys().map(String::as_str))
        );
        Ok(match name {
            "start" => Value::of(Kind::Address, self.mapping()?.start),
            "end" => Value::of(Kind::Address, self.mapping()?.end),
            "offset" => Value::of(Kind::Memory, self.mapping()?.offset()),
            "inode" => Value::of(Kind::Count, self.mapping()?.inode()),
            "path" => Value::Text(self.mapping()?.path().to_owned()),
            "perms" => Value::Text(self.mapping()?.permissions().to_owned()),
            "present" => {
                let (_, runs) = self.pages()?;
                let present = runs.iter().filter(|run| run.state.present);
                let pages: u64 = present.map(|run| run.pages).sum();
                Value::of(Kind::Memory, pages * page_size)
            }
            _ => {
                let mut addresses = self.addresses();
                let address = addresses.find_map(|(known, at)| (known == name).then_some(at));
                let address = address.map(|address| Value::of(Kind::Address, address));
                let of_process = || self.of_stat(name).or_else(|| self.of_status(name));
                match address.or_else(of_process) {
                    Some(value) => value,
                    None => self.of_mapping(name)?,
                }
            }
        })
    }

    /// The states of the mapping's pages, by pagemap, with the name of its
    /// address.
    pub fn pages(&self) -> Result<(&'a str, &'a [PageRun])> {
        let mapping = self.mapping()?;
        let mut named = self.addresses().filter(|(name, address)| {
            (mapping.start..mapping.end).contains(address) && self.of.is_none_or(|of| of == *name)
        });
        let found = named.next().and_then(|(name, _)| {
            let runs = self.seen?.1.get(name)?;
            Some((name, &runs[..]))
        });
        found.with_context(|| {
            format!(
                "the pages of this mapping of `{}` are not in the record: it is larger than 1 GiB",
                self.record.listing
            )
        })
    }

    /// The VMA that smaps fields are taken from.
    pub fn mapping(&self) -> Result<&Mapping> {
        self.mapping_for("")
    }

    /// The same, for the sake of a field: one of the process may have been meant.
    fn mapping_for(&self, field: &str) -> Result<&Mapping> {
        if let Some(mapping) = self.mapping.get() {
            return Ok(mapping);
        }
        let addresses: Vec<(&str, u64)> = self.addresses().collect();
        let names = || addresses.iter().map(|(name, _)| *name);
        let listing = &self.record.listing;
        let checkpoint = self.checkpoint.map_or(END, |at| &at.name);
        let address = match (self.of, &addresses[..]) {
            (Some(of), all) => {
                let found = all.iter().find(|(name, _)| *name == of);
                found.ok_or_else(|| {
                    let near = nearest(of, names());
                    anyhow!("`{listing}` printed no address named `{of}` by `{checkpoint}`{near}")
                })?
            }
            (None, [one]) => one,
            (None, []) => bail!(
                "`{listing}` printed no address by `{checkpoint}`, so there is no mapping to look at; a listing names one with a line such as `memory at 0x7f1571c00000`{}",
                meant(field, self.status_fields().chain(OWN.split(' '))).unwrap_or_default()
            ),
            (None, _) => bail!(
                "`{listing}` printed several addresses by `{checkpoint}`; say which with `--of NAME`: {}",
                names().collect::<Vec<_>>().join(", ")
            ),
        };
        let smaps = self.files().map_or("", |files| &files.smaps);
        let found = Mapping::holding(address.1, smaps)?;
        Ok(self.mapping.get_or_init(|| found))
    }

    /// A field of smaps.
    fn of_mapping(&self, name: &str) -> Result<Value> {
        let mapping = self.mapping_for(name)?;
        if name == "VmFlags" {
            return Ok(Value::Flags(mapping.flags().unwrap_or_default().join(" ")));
        }
        match mapping.field(name) {
            Some(FieldValue::Bytes(bytes)) => Ok(Value::of(Kind::Memory, bytes)),
            Some(FieldValue::Count(count)) => Ok(Value::of(Kind::Count, count)),
            None => {
                let values = self.checkpoint.into_iter().flat_map(|at| at.values.keys());
                let known = mapping.field_names().into_iter().chain(OWN.split(' '));
                let known = known.chain(values.map(String::as_str));
                let known = known.chain(self.addresses().map(|(name, _)| name));
                let near = nearest(name, known.chain(self.status_fields()));
                bail!("no field is named `{name}`{near}")
            }
        }
    }

    /// Fault counters: fields 10 and 12 of stat, the 8th and 10th behind the
    /// parenthesis that closes the command's name; see proc_pid_stat(5).
    fn of_stat(&self, name: &str) -> Option<Value> {
        let behind = match name {
            "minflt" => 7,
            "majflt" => 9,
            _ => return None,
        };
        let (_, rest) = self.files()?.stat.rsplit_once(") ")?;
        let number: u64 = rest.split_ascii_whitespace().nth(behind)?.parse().ok()?;
        Some(Value::of(Kind::Count, number))
    }

    fn of_status(&self, name: &str) -> Option<Value> {
        let mut lines = self.status_lines();
        lines.find_map(|(field, rest)| (field == name).then(|| of_status_line(rest))?)
    }

    fn status_lines(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let status = self.files().map_or("", |files| &files.status);
        status.lines().filter_map(|line| line.split_once(':'))
    }

    fn status_fields(&self) -> impl Iterator<Item = &'a str> {
        let fields = self.status_lines();
        fields.filter_map(|(field, rest)| of_status_line(rest).map(|_| field))
    }
}

/// A number behind the name of a field of status: `1900 kB`, `1`.
fn of_status_line(rest: &str) -> Option<Value> {
    let mut words = rest.split_ascii_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    match words.next() {
        Some("kB") => Some(Value::of(Kind::Memory, number.checked_mul(1024)?)),
        Some(_) => None,
        None => Some(Value::of(Kind::Count, number)),
    }
}
