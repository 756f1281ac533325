//! Every value that a claim or a sentence can name.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

use crate::unit::{Amount, Kind, Unit};
use session::{Checkpoint, END, Mapping, PageRun, Pages, Place, ProcFiles, Record};
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
    mapping: OnceCell<Mapping<'a>>,
}

impl<'a> View<'a> {
    /// Looks at a place of a record. `of` names the mapping, where the listing
    /// printed several addresses.
    pub fn at(record: &'a Record, place: &Place, of: Option<&'a str>) -> Result<Self> {
        let checkpoint = match record.at(&place.checkpoint) {
            Err(_) if place.checkpoint == END => None,
            found => Some(found?),
        };
        let view = |record, pid, seen| Self {
            record,
            checkpoint,
            pid,
            seen,
            of,
            mapping: OnceCell::new(),
        };
        let Some(name) = &place.process else {
            let seen = checkpoint.map(|at| (&at.proc, &at.pages));
            return Ok(view(record, record.pid, seen));
        };
        let (found, known): (_, Vec<&String>) = match checkpoint {
            Some(at) => {
                let found = at.processes.get(name);
                let found = found.map(|one| view(record, one.pid, Some((&one.proc, &one.pages))));
                (found, at.processes.keys().collect())
            }
            None => {
                let found = record.companions.get(name);
                let found = found.map(|companion| view(companion, companion.pid, None));
                (found, record.companions.keys().collect())
            }
        };
        found.with_context(|| format!(
            "`{}` has no process `{name}` at `{}`{}; a listing names one with a line such as `child is process 216235`",
            record.listing,
            place.checkpoint,
            nearest(name, known.into_iter().map(String::as_str))
        ))
    }

    /// The raw text of the kernel's files about the process; `None` after its
    /// end.
    pub fn files(&self) -> Option<&'a ProcFiles> {
        self.seen.map(|(files, _)| files)
    }

    fn all_printed(&self) -> &'a BTreeMap<String, String> {
        self.checkpoint.map_or(&self.record.values, |at| &at.values)
    }

    /// What the listing printed by then as the value of that name, to the
    /// letter.
    pub fn printed(&self, name: &str) -> Option<&'a str> {
        self.all_printed().get(name).map(String::as_str)
    }

    fn addresses(&self) -> impl Iterator<Item = (&'a str, u64)> {
        let all = self.checkpoint.into_iter().flat_map(|at| &at.addresses);
        all.map(|(name, address)| (&name[..], *address))
    }

    /// The value of a field at this place: of the machine, of the process, printed by
    /// the listing (`NAME = VALUE`, or an address), or of the mapping.
    pub fn value(&self, name: &str) -> Result<Value> {
        let is_it = |(known, _): &(&str, Value)| *known == name;
        if let Some((_, value)) = self.values().find(is_it) {
            return Ok(value);
        }
        let known = self.values().map(|(name, _)| name);
        ensure!(
            self.checkpoint.is_some(),
            "`{}` printed no value `{name}`, and after its end nothing else is known{}",
            self.record.listing,
            nearest(name, known)
        );
        let page_size = self.record.environment.page_size;
        let mapping = match self.mapping() {
            Ok(mapping) => mapping,
            // A field of the process may have been meant.
            Err(why) => bail!("{why}{}", meant(name, known).unwrap_or_default()),
        };
        let of_mapping = || of_mapping(mapping, page_size);
        if name == "present" {
            let (_, runs) = self.pages()?;
            let present = runs.iter().filter(|run| run.state.present);
            let pages: u64 = present.map(|run| run.pages).sum();
            return Ok(Value::of(Kind::Memory, pages * page_size));
        }
        let known = known.chain(["present"]);
        let known = known.chain(of_mapping().map(|(name, _)| name));
        let found = of_mapping().find(is_it).map(|(_, value)| value);
        found.with_context(|| format!("no field is named `{name}`{}", nearest(name, known)))
    }

    /// The values for which no mapping is needed, by name.
    fn values(&self) -> impl Iterator<Item = (&'a str, Value)> {
        let page_size = self.record.environment.page_size;
        let own = [
            ("pid", Value::of(Kind::Count, self.pid)),
            ("pagesize", Value::of(Kind::Memory, page_size)),
        ];
        let words = self.all_printed().iter();
        let words = words.map(move |(name, text)| (&name[..], printed(text, page_size)));
        let addresses = self.addresses();
        let addresses = addresses.map(|(name, address)| (name, Value::of(Kind::Address, address)));
        let files = self.files().into_iter();
        let of_process = files.flat_map(move |files| {
            let faults = [("minflt", 10), ("majflt", 12)].into_iter();
            let faults = faults.filter_map(|(name, field)| {
                Some((name, Value::of(Kind::Count, of_stat(&files.stat, field)?)))
            });
            faults.chain(numbers(&files.status, page_size))
        });
        let own = own.into_iter().chain(words);
        own.chain(addresses).chain(of_process)
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
    pub fn mapping(&self) -> Result<&Mapping<'a>> {
        if let Some(mapping) = self.mapping.get() {
            return Ok(mapping);
        }
        let addresses: Vec<(&str, u64)> = self.addresses().collect();
        let names = || addresses.iter().map(|(name, _)| *name);
        let listing = &self.record.listing;
        let checkpoint = self.checkpoint.map_or(END, |at| &at.name);
        let (_, address) = match (self.of, &addresses[..]) {
            (Some(of), all) => {
                let found = all.iter().find(|(name, _)| *name == of);
                found.with_context(|| {
                    let near = nearest(of, names());
                    format!("`{listing}` printed no address named `{of}` by `{checkpoint}`{near}")
                })?
            }
            (None, [one]) => one,
            (None, []) => bail!(
                "`{listing}` printed no address by `{checkpoint}`, so there is no mapping to look at; a listing names one with a line such as `memory at 0x7f1571c00000`"
            ),
            (None, _) => bail!(
                "`{listing}` printed several addresses by `{checkpoint}`; say which with `--of NAME`: {}",
                names().collect::<Vec<_>>().join(", ")
            ),
        };
        let smaps = self.files().map_or("", |files| &files.smaps);
        let found = Mapping::holding(*address, smaps)?;
        Ok(self.mapping.get_or_init(|| found))
    }
}

/// A number of stat, by its field in proc_pid_stat(5). Behind the parenthesis that
/// closes the command's name stands the third.
pub fn of_stat(stat: &str, field: usize) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split_ascii_whitespace().nth(field - 3)?.parse().ok()
}

/// The fields of a kernel's file that are a number: `VmRSS: 1900 kB`, `Threads: 1`.
fn numbers(file: &str, page_size: u64) -> impl Iterator<Item = (&str, Value)> {
    file.lines().filter_map(move |line| {
        let (name, rest) = line.split_once(':')?;
        let number = printed(rest, page_size).amount()?;
        Some((name, Value::Amount(number)))
    })
}

/// What the line of maps says, and the fields of smaps.
fn of_mapping<'a>(mapping: &Mapping<'a>, page_size: u64) -> impl Iterator<Item = (&'a str, Value)> {
    let flags = mapping.flags().unwrap_or_default().join(" ");
    let own = [
        ("start", Value::of(Kind::Address, mapping.start)),
        ("end", Value::of(Kind::Address, mapping.end)),
        ("offset", Value::of(Kind::Memory, mapping.offset)),
        ("inode", Value::of(Kind::Count, mapping.inode)),
        ("path", Value::Text(mapping.path.to_owned())),
        ("perms", Value::Text(mapping.permissions.to_owned())),
        ("VmFlags", Value::Flags(flags)),
    ];
    own.into_iter().chain(numbers(mapping.block, page_size))
}
