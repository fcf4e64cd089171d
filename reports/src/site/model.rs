//! What the pages are made of: all runs, joined by function and check. Of each run only what some page shows is kept, so that a report of
//! hundreds of runs fits into memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use array_assay_format::{Cause, Cell, Check, CheckId, Footer, Header, Level, Property, Revision, Verdict};
use array_assay_interface::DType;
use serde::Serialize;

use super::cluster::Cluster;
use super::errors::{Error, Miss};
use super::groups::Groups;
use super::names;
use crate::gaps::Gaps;
use crate::text::one_line;

/// The columns of a grid: calls without a dtype, each dtype of the standard, and operands of several dtypes.
pub const COLUMNS: usize = DType::ALL.len() + 2;

/// The name and the short name of a column.
pub fn column_names() -> Vec<(&'static str, &'static str)> {
    let mut columns = vec![("no dtype", "other")];
    columns.extend(DType::ALL.iter().map(|dtype| (dtype.name(), abbreviated(*dtype))));
    columns.push(("operands of different dtypes", "mixed"));
    columns
}

fn abbreviated(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "bool",
        DType::Int8 => "i8",
        DType::Int16 => "i16",
        DType::Int32 => "i32",
        DType::Int64 => "i64",
        DType::Uint8 => "u8",
        DType::Uint16 => "u16",
        DType::Uint32 => "u32",
        DType::Uint64 => "u64",
        DType::Float32 => "f32",
        DType::Float64 => "f64",
        DType::Complex64 => "c64",
        DType::Complex128 => "c128",
    }
}

/// The column of a cell.
pub fn column(cell: &Cell) -> usize {
    match cell.dtype.as_str() {
        "" => 0,
        name => name.parse::<DType>().map_or(COLUMNS - 1, |dtype| dtype as usize + 1),
    }
}

/// The results of all runs.
pub struct Site {
    /// The runs, by library and version.
    pub runs: Vec<Run>,
    /// The functions, sorted by category and name.
    pub functions: Vec<Function>,
    /// The revisions whose checks ran, the oldest first.
    pub revisions: Vec<Revision>,
    /// The revision that `index.html` shows.
    pub front: Revision,
    /// The gaps of the standard, for the runs that are shown.
    pub gaps: Gaps,
}

/// One run.
pub struct Run {
    pub label: Label,
    pub header: Header,
    pub footer: Footer,
    /// Whether it is of the newest version of its library. The others stand on the pages of versions.
    pub newest: bool,
    /// The deviations by what they have in common.
    pub groups: Groups,
    /// The replays of consumers.
    pub replays: Vec<Check>,
    /// The functions that deviate at level must, with the checks that show it, by revision: places in [`Site::functions`] and
    /// [`Function::checks`].
    pub deviating: BTreeMap<Revision, Vec<(usize, Vec<usize>)>>,
}

/// The name of a run on the pages.
#[derive(Debug, Clone, Serialize)]
pub struct Label {
    /// The library.
    pub name: String,
    pub version: String,
    /// The anchor of the run on each page, such as `compat-torch`.
    pub key: String,
    /// Its page, relative to the site's root.
    pub href: String,
}

/// A function with its checks.
pub struct Function {
    pub category: String,
    pub name: String,
    /// The path in the namespace, such as `linalg.svd`.
    pub spelled: String,
    /// The page, relative to the site's root.
    pub page: String,
    /// The checks, by id.
    pub checks: Vec<Facts>,
    /// The largest errors of the newest runs.
    pub errors: Vec<Error>,
    /// How far graded results of the newest runs miss their equations.
    pub misses: Vec<Miss>,
}

/// A check with the results of all runs.
pub struct Facts {
    pub id: Arc<CheckId>,
    pub level: Level,
    /// The level at which a gate counts it.
    pub gated: Level,
    pub since: Revision,
    pub until: Option<Revision>,
    /// What the clause says, and its URL.
    pub clause: Option<(String, Option<String>)>,
    pub doubt: Option<String>,
    /// The results, by the place of the run in [`Site::runs`].
    pub judged: Vec<(usize, Judged)>,
    /// The newest runs that deviate, those alike together.
    pub clusters: Vec<Cluster>,
}

/// How one run does on a check.
#[derive(Clone)]
pub struct Judged {
    /// The verdict over all cells.
    pub verdict: Verdict,
    at: [Option<Verdict>; Revision::ALL.len()],
    deviation: [Option<Verdict>; Revision::ALL.len()],
    /// At the front revision, by column.
    pub columns: [Option<Verdict>; COLUMNS],
    pub cause: Option<Cause>,
    pub blocked_by: Option<Arc<CheckId>>,
    /// Clauses whose condition no judged case met.
    pub idle: Vec<Arc<str>>,
}

impl Judged {
    pub fn of(check: &array_assay_format::Check, front: Revision) -> Judged {
        let mut judged = Judged {
            verdict: check.verdict,
            at: [None; Revision::ALL.len()],
            deviation: [None; Revision::ALL.len()],
            columns: [None; COLUMNS],
            cause: check.cells.iter().filter(|cell| cell.deviates()).find_map(|cell| cell.cause),
            blocked_by: None,
            idle: Vec::new(),
        };
        for (i, revision) in Revision::ALL.iter().enumerate() {
            judged.at[i] = check.verdict_in(*revision);
            judged.deviation[i] = check.deviation_in(*revision);
        }
        if check.applies_to(front) {
            for cell in check.cells.iter().filter(|cell| cell.since.is_none_or(|since| since <= front)) {
                let at = &mut judged.columns[column(cell)];
                *at = Cell::overall(at.iter().copied().chain([cell.verdict]));
            }
        }
        judged
    }

    /// The verdict at a revision. `None` if the revision does not have the check.
    pub fn at(&self, revision: Revision) -> Option<Verdict> {
        self.at[revision as usize]
    }

    /// The verdict with which it deviates at a revision.
    pub fn deviation(&self, revision: Revision) -> Option<Verdict> {
        self.deviation[revision as usize]
    }
}

impl Facts {
    pub fn of_run(&self, run: usize) -> Option<&Judged> {
        self.judged.binary_search_by_key(&run, |(run, _)| *run).ok().map(|at| &self.judged[at].1)
    }

    pub fn applies_to(&self, revision: Revision) -> bool {
        self.since <= revision && self.until.is_none_or(|last| revision <= last)
    }

    /// The verdict at a revision, or over all if that revision does not have the check.
    pub fn verdict(&self, judged: &Judged, revision: Revision) -> Verdict {
        judged.at(revision).unwrap_or(judged.verdict)
    }

    /// Whether the run deviates at a revision, or where the check applies if that revision does not have it.
    pub fn deviates(&self, judged: &Judged, revision: Revision) -> bool {
        judged.deviation(if self.applies_to(revision) { revision } else { self.since }).is_some()
    }

    /// The revisions of the check, such as `since 2023.12`. `None` if all revisions have it.
    pub fn span(&self) -> Option<String> {
        match (self.since, self.until) {
            (Revision::V2021_12, None) => None,
            (Revision::V2021_12, Some(last)) => Some(format!("until {last}")),
            (first, None) => Some(format!("since {first}")),
            (first, Some(last)) if first == last => Some(format!("{first} only")),
            (first, Some(last)) => Some(format!("{first} to {last}")),
        }
    }

    /// Whether the default gate counts it. Of a gap, all checks count.
    pub fn counts(&self) -> bool {
        self.is_gap() || self.doubt.is_none() && self.gated == Level::Must
    }

    pub fn is_gap(&self) -> bool {
        self.id.category == array_assay_format::GAPS
    }
}

impl Function {
    pub fn is_gap(&self) -> bool {
        self.category == array_assay_format::GAPS
    }

    /// The call in the standard's own words, as the check of the signature states it.
    pub fn signature(&self) -> Option<&str> {
        let mut signatures = self.checks.iter().filter(|facts| facts.id.property == Property::Signature);
        let (says, _) = signatures.find_map(|facts| facts.clause.as_ref())?;
        says.split('`').nth(1).filter(|call| call.contains('('))
    }

    /// An operator, an attribute or a method as one types it, such as `x1 + x2`.
    pub fn typed(&self) -> Option<String> {
        super::typed::typed(&self.name, &self.spelled, self.signature()).map(|typed| one_line(&typed, 200))
    }

    /// The name in lists: an operator as one types it, another function with its namespace.
    pub fn shown(&self) -> String {
        self.typed().unwrap_or_else(|| self.spelled.clone())
    }

    /// The first revision that has the function.
    pub fn since(&self) -> Revision {
        self.checks.iter().map(|facts| facts.since).min().unwrap_or(Revision::NEWEST)
    }

    /// Whether the library has the function. `None` if the run did not ask.
    pub fn present(&self, run: usize) -> Option<bool> {
        let present = self.checks.iter().find(|facts| facts.id.property == Property::Present)?;
        present.of_run(run).map(|judged| judged.verdict == Verdict::Pass)
    }

    /// How a run does at a revision. `None` if it was not judged by the revision, or the revision has none of the checks.
    pub fn standing(&self, run: usize, of: &Run, revision: Revision) -> Option<Standing> {
        if !of.header.revisions.contains(&revision) {
            return None;
        }
        let judged: Vec<(&Facts, &Judged, Verdict)> = self
            .checks
            .iter()
            .filter_map(|facts| {
                let judged = facts.of_run(run)?;
                Some((facts, judged, judged.at(revision)?))
            })
            .collect();
        // A gap has no checks at level must, and neither has a function with only doubtful clauses. Then all checks count.
        let musts = judged.iter().any(|(facts, ..)| facts.level == Level::Must);
        let counted = || judged.iter().filter(|(facts, ..)| !musts || facts.level == Level::Must);
        let gravest = Cell::overall(counted().map(|(.., verdict)| *verdict))?;
        // A function does not pass if a part of it could not be judged.
        let blocked = gravest == Verdict::Pass && counted().any(|(.., verdict)| *verdict == Verdict::Blocked);
        let below = judged.iter().filter(|(facts, ..)| musts && facts.level != Level::Must && facts.doubt.is_none());
        let passed = counted().filter(|(.., verdict)| *verdict == Verdict::Pass).count();
        Some(Standing {
            verdict: if blocked { Verdict::Blocked } else { gravest },
            deviates: counted().any(|(_, judged, _)| judged.deviation(revision).is_some()),
            below: below.filter(|(_, judged, _)| judged.deviation(revision).is_some()).count(),
            passed,
            total: counted().count(),
        })
    }
}

/// How a run does on the checks of one function.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub verdict: Verdict,
    /// Whether something deviates at level must, or at any level if the function is a gap.
    pub deviates: bool,
    /// The number of deviations at levels should and quality, without those from doubtful clauses.
    pub below: usize,
    /// The number of checks at level must that pass.
    pub passed: usize,
    /// The number of checks at level must.
    pub total: usize,
}

impl Site {
    /// The page and anchor of a check, relative to the site's root.
    pub fn link(&self, id: &CheckId) -> Option<String> {
        let function = self.function(&id.category, &id.function)?;
        Some(format!("{}#{}", function.page, names::anchor(id)))
    }

    pub fn function(&self, category: &str, name: &str) -> Option<&Function> {
        let place = |f: &Function| (f.category.as_str(), f.name.as_str()).cmp(&(category, name));
        self.functions.binary_search_by(place).ok().map(|at| &self.functions[at])
    }

    /// The runs of the newest versions, with their places.
    pub fn newest(&self) -> impl Iterator<Item = (usize, &Run)> {
        self.runs.iter().enumerate().filter(|(_, run)| run.newest)
    }

    /// The runs of each library, the oldest version first.
    pub fn libraries(&self) -> Vec<Vec<usize>> {
        let mut libraries: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, run) in self.runs.iter().enumerate() {
            libraries.entry(super::plan::base(&run.header.backend.name)).or_default().push(i);
        }
        libraries.into_values().collect()
    }

    /// Notes for each run which functions deviate at level must.
    pub fn note_deviations(&mut self) {
        for (at, function) in self.functions.iter().enumerate().filter(|(_, function)| !function.is_gap()) {
            let musts = function.checks.iter().enumerate().filter(|(_, facts)| facts.level == Level::Must && facts.doubt.is_none());
            for (check, facts) in musts {
                for (run, judged) in &facts.judged {
                    for revision in Revision::ALL.iter().filter(|revision| judged.deviation(**revision).is_some()) {
                        let found = self.runs[*run].deviating.entry(*revision).or_default();
                        match found.last_mut() {
                            Some((last, checks)) if *last == at => checks.push(check),
                            _ => found.push((at, vec![check])),
                        }
                    }
                }
            }
        }
    }

    /// The functions that deviate at level must at a revision, with the checks that show it.
    pub fn deviating(&self, run: usize, revision: Revision) -> Vec<(&Function, Vec<&Facts>)> {
        let found = self.runs[run].deviating.get(&revision).into_iter().flatten();
        let named = |(at, checks): &(usize, Vec<usize>)| {
            let function = &self.functions[*at];
            (function, checks.iter().map(|check| &function.checks[*check]).collect())
        };
        found.map(named).collect()
    }

    /// For a run with polyfills, the place of the run of the same library without them.
    pub fn without_polyfills(&self, run: usize) -> Option<usize> {
        let library = self.runs[run].header.backend.name.strip_prefix("polyfilled:")?;
        self.runs.iter().position(|other| other.newest && other.header.backend.name == library)
    }
}

impl Run {
    /// The revision by which its own page judges it: the front one, if the run has it.
    pub fn revision(&self, front: Revision) -> Revision {
        if self.header.revisions.contains(&front) { front } else { crate::gated_revision(&self.header) }
    }

    pub fn judged_by(&self, revision: Revision) -> bool {
        self.header.revisions.contains(&revision)
    }

    /// The day on which the run ended, if its results say so.
    pub fn day(&self) -> Option<&str> {
        self.footer.finished.as_deref().and_then(|time| time.get(..10)).filter(|day| day.chars().all(|c| c.is_ascii_digit() || c == '-'))
    }

    /// Why the run says less than a whole one.
    pub fn partial(&self) -> Option<String> {
        let options: Vec<String> = self.header.restrictions().map(|(name, value)| format!("--{name} {value}")).collect();
        (!options.is_empty()).then(|| one_line(&format!("part of a run only: {}", options.join(" ")), 200))
    }

    /// The newest published revision at which nothing that was tested deviates, and the first one at which something does.
    pub fn reached(&self) -> (Option<Revision>, Option<Revision>) {
        let holds = |revision: &&Revision| self.footer.conforms.get(revision).copied();
        let judged = || Revision::published().iter().filter(|revision| self.judged_by(**revision));
        let reached = judged().rfind(|revision| holds(revision) == Some(true)).copied();
        (reached, judged().find(|revision| reached.is_none_or(|reached| **revision > reached) && holds(revision) != Some(true)).copied())
    }
}
