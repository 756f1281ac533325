//! Every value that a claim or a sentence can name.

use std::cell::OnceCell;

use anyhow::{Context, Result, bail, ensure};

use crate::unit::{Amount, Kind, Unit};
use session::{Checkpoint, END, Mapping, PageRun, Pages, Place, ProcFiles, Record};
use text::{meant, nearest};

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// As the kernel or the listing has it: `4 kB`, `rw-p`, `1151 1222 1300`.
    pub words: String,
    /// What a claim can count with.
    pub amount: Option<Amount>,
}

impl From<Amount> for Value {
    fn from(amount: Amount) -> Self {
        let words = amount.to_string();
        let amount = Some(amount);
        Self { words, amount }
    }
}

impl Value {
    pub fn of(kind: Kind, number: impl Into<i128>) -> Self {
        Amount::of(kind, number).into()
    }

    /// Text, such as the permissions `rw-p` or the codes of VmFlags.
    pub fn text(words: impl Into<String>) -> Self {
        let (words, amount) = (words.into(), None);
        Self { words, amount }
    }

    /// A printed value: `64`, `3 pages`, `1220 ns`, `EACCES`, `1151 1222 1300`. With
    /// a word behind it that is no unit, a number is text: nobody knows what it counts.
    fn printed(text: &str, page_size: u64) -> Self {
        let mut words = text.split_whitespace();
        let number = words.next().and_then(|word| word.parse::<u64>().ok());
        let amount = number.and_then(|number| match (words.next(), words.next()) {
            (None, _) => Some(Amount::of(Kind::Count, number)),
            (Some(unit), None) => {
                let unit: Unit = unit.parse().ok()?;
                Some(unit.amount(number.into(), page_size))
            }
            _ => None,
        });
        let words = text.to_owned();
        Self { words, amount }
    }

    pub fn kind(&self) -> Option<Kind> {
        self.amount.map(|amount| amount.kind)
    }

    /// What it is, in a sentence.
    pub fn called(&self) -> &'static str {
        match self.kind() {
            None => "a word",
            Some(Kind::Memory) => "an amount of memory",
            Some(Kind::Time) => "a time",
            Some(Kind::Address) => "an address",
            Some(Kind::Count) => "a plain number",
        }
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
        // After its end, a process has only what its program printed.
        let found = match (&place.process, checkpoint) {
            (None, at) => Some((record, record.pid, at.map(|at| (&at.proc, &at.pages)))),
            (Some(name), Some(at)) => {
                let found = at.processes.get(name);
                found.map(|one| (record, one.pid, Some((&one.proc, &one.pages))))
            }
            (Some(name), None) => {
                let found = record.companions.get(name);
                found.map(|companion| (companion, companion.pid, None))
            }
        };
        let (record, pid, seen) = found.with_context(|| {
            let known: Vec<&String> = match checkpoint {
                Some(at) => at.processes.keys().collect(),
                None => record.companions.keys().collect(),
            };
            let name = place.process.as_deref().unwrap_or_default();
            let near = nearest(name, known.into_iter().map(String::as_str));
            format!(
                "`{}` has no process `{name}` at `{}`{near}; a listing names one with a line such as `child is process 216235`",
                record.listing, place.checkpoint
            )
        })?;
        Ok(Self {
            record,
            checkpoint,
            pid,
            seen,
            of,
            mapping: OnceCell::new(),
        })
    }

    /// The raw text of the kernel's files about the process; `None` after its
    /// end.
    pub fn files(&self) -> Option<&'a ProcFiles> {
        self.seen.map(|(files, _)| files)
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
        let words = self.checkpoint.map_or(&self.record.values, |at| &at.values);
        let words = words.iter();
        let words = words.map(move |(name, text)| (&name[..], Value::printed(text, page_size)));
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
        let value = Value::printed(rest.trim(), page_size);
        value.amount.is_some().then_some((name, value))
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
        ("path", Value::text(mapping.path)),
        ("perms", Value::text(mapping.permissions)),
        ("VmFlags", Value::text(flags)),
    ];
    own.into_iter().chain(numbers(mapping.block, page_size))
}
