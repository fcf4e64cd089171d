//! Baselines: files that name the known deviations of a backend, and the deviations that their entries excuse.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use array_assay_format::{Cause, Cell, CheckId, Glob, Results, Revision};
use array_assay_interface::DType;
use array_assay_spec::Spec;
use serde::{Deserialize, Serialize};

use super::found::{Found, NO_DTYPE, dtype_name};
use super::scope::{When, is_day};
use crate::judge::kind::includes;

/// The reason that is written for a deviation that nobody has explained yet.
pub const UNEXPLAINED: &str = "not yet explained";

/// The known deviations of a backend.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baseline {
    /// The seed of entries that name no seed.
    pub seed: u64,
    /// The number of cases in a stream, for entries that name none.
    pub cases: u32,
    /// The known deviations, in the order of the file.
    pub deviations: Vec<Known>,
    /// Comments before the first key of the file.
    pub head: Vec<String>,
    /// Comments after the last entry.
    pub tail: Vec<String>,
}

/// A known deviation.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The check or checks that deviate.
    pub check: Checks,
    /// The cause of the deviation. `None` means any cause.
    pub cause: Option<Cause>,
    /// The dtypes on which the check deviates, as the labels of cells. [`NO_DTYPE`] names the cell without a dtype. An empty list means any
    /// dtype.
    pub dtypes: Vec<String>,
    /// The kinds of deviation.
    pub kinds: KnownKinds,
    /// The reason for the deviation, in a sentence.
    pub reason: String,
    /// Whether a run may miss the deviation, because it depends on something that the seed does not decide, such as uninitialised memory.
    /// An intermittent entry is never stale, and stays when the file is updated.
    pub intermittent: bool,
    /// A link to a discussion.
    pub link: Option<String>,
    /// The runs that the entry speaks of. Without parts, all.
    pub when: When,
    /// The last day of the entry, such as `2027-01-31`. A run that ends later counts its deviations again.
    pub expires: Option<String>,
    /// The seed of the run that showed the deviation. Only a run with the same seed and at least as many cases can show that the entry is
    /// stale.
    pub seed: u64,
    /// The number of cases in a stream of that run.
    pub cases: u32,
    /// Comments before the entry.
    pub comments: Vec<String>,
    /// The position of the entry, if it was read from a file whose lines show it.
    pub place: Option<Place>,
}

/// The checks of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checks {
    /// A single check.
    One(CheckId),
    /// All checks that match a glob. There is at least one.
    Matching(Glob),
}

impl Checks {
    /// Whether the check is one of them.
    pub fn include(&self, id: &CheckId) -> bool {
        match self {
            Checks::One(one) => one == id,
            Checks::Matching(glob) => glob.matches(id),
        }
    }

    /// The check, if there is a single one.
    pub fn one(&self) -> Option<&CheckId> {
        if let Checks::One(id) = self { Some(id) } else { None }
    }
}

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Checks::One(id) => id.fmt(f),
            Checks::Matching(glob) => glob.fmt(f),
        }
    }
}

/// The lines of an entry. They are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the command line or the repository names it.
    pub file: String,
    /// The first line.
    pub first: usize,
    /// The last line.
    pub last: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, first, last } = self;
        if first == last { write!(f, "{file}, line {first}") } else { write!(f, "{file}, lines {first} to {last}") }
    }
}

/// The kinds of deviation that an entry excuses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(untagged, expecting = "a list of kinds, or kinds each with a list of dtypes")]
pub enum KnownKinds {
    /// All kinds of deviation with the entry's cause.
    #[default]
    #[serde(skip)]
    Any,
    /// These kinds, on each of the entry's dtypes.
    Of(Vec<String>),
    /// Each kind on its own list of dtypes. The entry itself names no dtypes.
    By(BTreeMap<String, Vec<String>>),
}

/// Why a baseline could not be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum BaselineError {
    #[error("open the baseline {}: {source}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("read the baseline {name}: {why}")]
    Malformed { name: String, why: String },
    #[error("read the baseline {name}, {place}: there is no {what} `{given}`; did you mean `{meant}`?")]
    Unknown { name: String, place: String, what: &'static str, given: String, meant: String },
    #[error("read the baseline {name}, {place}: where each kind has its dtypes, the entry itself has none; remove `dtypes:`")]
    TwoLists { name: String, place: String },
    #[error("read the baseline {name}, {place}: `expires: {given}` is no day; write one as 2027-01-31, in quotes")]
    NoDay { name: String, place: String, given: String },
    #[error("update the baseline: {0}")]
    Runs(String),
}

/// The greatest number of collections inside one another that a file may seem to have. The YAML reader takes a time that grows with the square of
/// their number.
const DEPTH: usize = 5_000;

/// Whether so many collections may be open at once that reading the file would take long. Brackets in texts count too.
fn is_deep(text: &str) -> bool {
    let mut open = 0usize;
    text.lines().any(|line| {
        let rest = line.trim_start_matches([' ', '-', '?', ':', '\t']);
        for c in rest.bytes() {
            match c {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        open + line.len() - rest.len() > DEPTH
    })
}

/// The content of a baseline file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    cases: u32,
    deviations: Vec<Entry>,
}

/// The content of an entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    check: String,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    dtypes: Vec<String>,
    #[serde(default)]
    kinds: KnownKinds,
    reason: String,
    #[serde(default)]
    intermittent: bool,
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    when: When,
    #[serde(default)]
    expires: Option<String>,
    #[serde(default)]
    seed: Option<u64>,
    #[serde(default)]
    cases: Option<u32>,
}

impl Baseline {
    /// Reads a baseline from a text. An error if it names a check, cause or dtype that does not exist.
    pub fn parse(name: &str, text: &str) -> Result<Baseline, BaselineError> {
        let malformed = |why: String| BaselineError::Malformed { name: name.to_owned(), why };
        if is_deep(text) {
            return Err(malformed("it is nested too deeply for a list of deviations".to_owned()));
        }
        let file: File = serde_yaml::from_str(text).map_err(|e| malformed(e.to_string()))?;
        let Comments { head, entries, tail } = Comments::of(text, file.deviations.len());
        let (names, with_consumers) = (Names::of_spec(), LazyCell::new(Names::with_consumers));
        let mut deviations = Vec::with_capacity(file.deviations.len());
        for (i, entry) in file.deviations.into_iter().enumerate() {
            let Lines { first, last, comments } = entries.get(i).cloned().unwrap_or_default();
            let place = if first > 0 { format!("line {first}") } else { format!("entry {}", i + 1) };
            let unknown = |what: &'static str, given: &str, known: &mut dyn Iterator<Item = &str>| BaselineError::Unknown {
                name: name.to_owned(),
                place: place.clone(),
                what,
                given: given.to_owned(),
                meant: nearest(given, known).to_owned(),
            };
            let check = names.find(&entry.check).or_else(|| with_consumers.find(&entry.check));
            let check = check.ok_or_else(|| unknown("check", &entry.check, &mut with_consumers.alike(&entry.check)))?;
            let cause = |word: &String| {
                let cause = Cause::ALL.iter().copied().find(|cause| cause.word() == word);
                cause.ok_or_else(|| unknown("cause", word, &mut Cause::ALL.iter().map(|cause| cause.word())))
            };
            let cause = entry.cause.as_ref().map(cause).transpose()?;
            let below_kinds = match &entry.kinds {
                KnownKinds::By(_) if !entry.dtypes.is_empty() => return Err(BaselineError::TwoLists { name: name.to_owned(), place }),
                KnownKinds::By(kinds) => kinds.values().flatten().collect(),
                _ => Vec::new(),
            };
            for dtype in entry.dtypes.iter().chain(below_kinds).filter(|dtype| *dtype != NO_DTYPE) {
                if let Some(wrong) = dtype.split('+').find(|part| part.parse::<DType>().is_err()) {
                    let mut known = DType::ALL.iter().map(|dtype| dtype.name()).chain([NO_DTYPE]);
                    return Err(unknown("dtype", wrong, &mut known));
                }
            }
            if let Some(day) = entry.expires.as_ref().filter(|day| !is_day(day)) {
                return Err(BaselineError::NoDay { name: name.to_owned(), place, given: day.clone() });
            }
            deviations.push(Known {
                check,
                cause,
                dtypes: entry.dtypes,
                kinds: entry.kinds,
                reason: entry.reason,
                intermittent: entry.intermittent,
                link: entry.link,
                when: entry.when,
                expires: entry.expires,
                seed: entry.seed.unwrap_or(file.seed),
                cases: entry.cases.unwrap_or(file.cases),
                comments,
                place: (first > 0).then(|| Place { file: name.to_owned(), first, last }),
            });
        }
        Ok(Baseline { seed: file.seed, cases: file.cases, deviations, head, tail })
    }

    /// The entries that apply to a run.
    pub fn applying(&self, results: &Results, revision: Revision) -> Baseline {
        let deviations = self.deviations.iter().filter(|known| known.applies(results, revision)).cloned().collect();
        Baseline { deviations, ..self.clone() }
    }

    /// Reads a baseline from a file. An error if the file cannot be read, or in the cases of [`Baseline::parse`].
    pub fn read(path: &Path) -> Result<Baseline, BaselineError> {
        let text = std::fs::read_to_string(path).map_err(|source| BaselineError::Open { path: path.to_owned(), source })?;
        Baseline::parse(&path.display().to_string(), &text)
    }

    /// Lays another baseline over this one. Its entries replace those with the same check and cause.
    pub fn overlay(&mut self, other: Baseline) {
        let replaced = |own: &Known| other.deviations.iter().any(|known| (&known.check, known.cause) == (&own.check, own.cause));
        self.deviations.retain(|known| !replaced(known));
        self.deviations.extend(other.deviations);
        (self.seed, self.cases) = (other.seed, other.cases);
        for (own, others) in [(&mut self.head, other.head), (&mut self.tail, other.tail)] {
            // Both baselines may come from the same file.
            let new: Vec<String> = others.into_iter().filter(|line| !own.contains(line)).collect();
            own.extend(new);
        }
    }

    /// Whether an entry excuses a deviation of a check.
    pub fn excuses(&self, check: &CheckId, cause: Cause, dtype: &str, kind: Option<&str>) -> bool {
        self.deviations.iter().any(|known| known.names(check, cause) && known.excuses(dtype, kind))
    }

    /// Whether entries excuse all deviations of a cell.
    pub fn covers(&self, check: &CheckId, cell: &Cell) -> bool {
        Found::in_cell(cell).iter().all(|found| self.excuses(check, found.cause, &found.dtype, found.kind.as_deref()))
    }
}

impl Known {
    /// Whether the entry speaks of a run and has not expired by the day on which the run ended.
    pub fn applies(&self, results: &Results, revision: Revision) -> bool {
        self.when.includes(results, revision) && !self.has_expired(results)
    }

    /// Whether the run ended after the entry's last day.
    pub fn has_expired(&self, results: &Results) -> bool {
        let day = results.footer.finished.as_deref().and_then(|time| time.get(..10));
        self.expires.as_deref().zip(day).is_some_and(|(last, day)| day > last)
    }

    /// Whether the entry is about this check and cause.
    pub fn names(&self, check: &CheckId, cause: Cause) -> bool {
        self.check.include(check) && self.cause.is_none_or(|own| own == cause)
    }

    /// Whether the entry excuses a deviation on a dtype. If the results do not name the kind, any kind counts.
    pub fn excuses(&self, dtype: &str, kind: Option<&str>) -> bool {
        let named = |dtypes: &[String]| dtypes.is_empty() || dtypes.iter().any(|name| name == dtype_name(dtype));
        let known = |name: &str| kind.is_none_or(|kind| includes(name, kind));
        match &self.kinds {
            KnownKinds::Any => named(&self.dtypes),
            KnownKinds::Of(kinds) => named(&self.dtypes) && kinds.iter().any(|name| known(name)),
            KnownKinds::By(kinds) => kinds.iter().any(|(name, dtypes)| known(name) && named(dtypes)),
        }
    }

    /// All pairs of a dtype and a kind that the entry names. `None` means any.
    pub fn pairs(&self) -> Vec<(Option<&str>, Option<&str>)> {
        type Names<'n> = Vec<Option<&'n str>>;
        fn all(names: &[String]) -> Names<'_> {
            if names.is_empty() { vec![None] } else { names.iter().map(|name| Some(name.as_str())).collect() }
        }
        fn product<'n>(dtypes: Names<'n>, kinds: Names<'n>) -> Vec<(Option<&'n str>, Option<&'n str>)> {
            dtypes.iter().flat_map(|dtype| kinds.iter().map(move |kind| (*dtype, *kind))).collect()
        }
        match &self.kinds {
            KnownKinds::Any => product(all(&self.dtypes), vec![None]),
            KnownKinds::Of(kinds) => product(all(&self.dtypes), all(kinds)),
            KnownKinds::By(kinds) => kinds.iter().flat_map(|(kind, dtypes)| product(all(dtypes), vec![Some(kind)])).collect(),
        }
    }
}

/// The known name that is most similar to the given one. Only the beginning of a long name counts, because each of thousands of names is
/// compared letter by letter.
fn nearest<'n>(given: &str, known: &mut dyn Iterator<Item = &'n str>) -> &'n str {
    const COMPARED: usize = 128;
    let given: String = given.chars().take(COMPARED).collect();
    known.min_by_key(|other| strsim::damerau_levenshtein(&given, other)).unwrap_or_default()
}

/// The names of checks.
struct Names {
    checks: BTreeMap<CheckId, String>,
    functions: Vec<String>,
}

impl Names {
    /// The names of the checks of the standard and of what it lacks.
    fn of_spec() -> Names {
        Names::of(std::iter::empty())
    }

    /// The names of the checks of workloads too. Reading the profiles of all workloads is slow, so this is left for names that are not
    /// among the others.
    fn with_consumers() -> Names {
        Names::of(crate::consumers::ids())
    }

    fn of(more: impl Iterator<Item = CheckId>) -> Names {
        let spec = Spec::embedded();
        let ids = spec.checks().chain(spec.gap_checks()).map(|check| check.id).chain(more);
        let checks: BTreeMap<CheckId, String> = ids.map(|id| (id.clone(), id.to_string())).collect();
        let mut functions: Vec<String> = checks.keys().map(|id| format!("{}/{}", id.category, id.function)).collect();
        functions.dedup();
        Names { checks, functions }
    }

    /// The check with this id, or the checks that match this glob. `None` if there is no such check.
    fn find(&self, text: &str) -> Option<Checks> {
        if let Some(id) = text.parse::<CheckId>().ok().filter(|id| self.checks.contains_key(id)) {
            return Some(Checks::One(id));
        }
        let glob: Glob = text.parse().ok()?;
        self.checks.keys().any(|id| glob.matches(id)).then_some(Checks::Matching(glob))
    }

    /// The names that a wrong name of this form may have meant: those of checks, or of functions.
    fn alike(&self, text: &str) -> Box<dyn Iterator<Item = &str> + '_> {
        if text.contains("::") {
            Box::new(self.checks.values().map(String::as_str))
        } else {
            Box::new(self.functions.iter().map(String::as_str))
        }
    }
}

/// The comments that have a line of their own in a file. The YAML reader drops them, so they are read separately.
struct Comments {
    head: Vec<String>,
    entries: Vec<Lines>,
    tail: Vec<String>,
}

/// The lines of an entry, counted from 1, and the comments before it or in it.
#[derive(Clone, Default)]
struct Lines {
    first: usize,
    last: usize,
    comments: Vec<String>,
}

impl Comments {
    /// The comments of a file with `expected` entries. If the lines do not show where each entry begins, no comments belong to entries.
    fn of(text: &str, expected: usize) -> Comments {
        let (mut head, mut entries, mut waiting) = (Vec::new(), Vec::<Lines>::new(), Vec::new());
        let (mut in_list, mut indent) = (false, None);
        for (i, line) in text.lines().enumerate() {
            let (own, depth) = (line.trim_start(), line.len() - line.trim_start().len());
            if own.starts_with('#') {
                match entries.last_mut() {
                    Some(entry) if indent.is_some_and(|indent| depth > indent) => entry.comments.push(own.trim_end().to_owned()),
                    _ if in_list => waiting.push(own.trim_end().to_owned()),
                    _ => head.push(own.trim_end().to_owned()),
                }
            } else if own.starts_with("- ") && in_list && depth == *indent.get_or_insert(depth) {
                entries.push(Lines { first: i + 1, last: i + 1, comments: std::mem::take(&mut waiting) });
            } else if line.starts_with("deviations:") {
                in_list = true;
            } else if let Some(entry) = entries.last_mut().filter(|_| !own.is_empty() && depth > 0) {
                entry.last = i + 1;
            }
        }
        if entries.len() != expected {
            return Comments { head, entries: Vec::new(), tail: Vec::new() };
        }
        Comments { head, entries, tail: waiting }
    }
}
