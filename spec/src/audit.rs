//! Audits the spec itself: `check` finds faults, `coverage` lists what tests each clause, and `diff` lists the upstream text that no clause
//! claims.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use array_assay_format::{CheckId, Glob, Level, Property, Revision};
use array_assay_interface::{DType, Kind};
use serde::Deserialize;

use crate::checks::{APPROXIMATE, APPROXIMATE_SCALAR, CheckDefinition};
use crate::{ClauseEntry, ClauseLevel, Function, GAPS, Pages, RuleBody, Spec, TopicPage};

/// The smallest number of witnesses that a special case needs, unless its condition fixes every operand to one value.
const WITNESSES: usize = 3;

/// A clause of the spec, from any file.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The place of the clause: a function such as `elementwise/add`, or a topic page.
    pub place: String,
    /// The name of the clause, unique at its place.
    pub slug: String,
    /// The level: `must`, `should`, `may` or `quality`.
    pub level: &'static str,
    /// Hashes of the upstream sentences.
    pub source: Vec<String>,
    /// The checks that test it.
    pub tested_by: Vec<CheckId>,
    /// Tests that the clause names although no check has that id.
    pub idle: Vec<String>,
    /// Why nothing tests the clause.
    pub untestable: Option<String>,
    /// What the clause says, if the entry says more than its slug.
    pub says: Option<String>,
    /// Why its text is doubtful.
    pub doubt: Option<String>,
    /// The first revision, if it differs from that of the function or page.
    pub since: Option<Revision>,
    /// The last revision, if the clause ended.
    pub until: Option<Revision>,
    /// The page of the newest revision of the standard that has the clause.
    pub url: String,
}

impl Clause {
    /// Whether the clause belongs to this function.
    pub fn is_of(&self, function: &Function) -> bool {
        self.place.split_once('/').is_some_and(|(category, name)| category == function.category && name == function.name)
    }
}

/// Every clause of the spec with the checks that test it.
pub fn clauses(spec: &Spec) -> Vec<Clause> {
    let mut out = Vec::new();
    for function in &spec.functions {
        let (place, own) = (function.id(), ids(function.checks().into_iter()));
        for rule in function.rules.iter().filter(|_| function.operator.is_none()) {
            let tested_by = vec![function.check_id(Property::Special, Some(&rule.slug))];
            out.push(Clause {
                place: place.clone(),
                slug: rule.slug.clone(),
                level: rule.level.word(),
                source: rule.source.clone(),
                tested_by,
                idle: Vec::new(),
                untestable: None,
                says: Some(rule.says()),
                doubt: rule.doubt.clone(),
                since: rule.since,
                until: rule.until,
                url: function.url_of(rule.since.unwrap_or(function.since), rule.until.or(function.until)),
            });
        }
        let entry = |clause: &ClauseEntry, globs: &[String]| {
            let url = function.url_of(clause.since.unwrap_or(function.since), clause.until.or(function.until));
            entry(&place, clause, globs, url, &own)
        };
        for aspect in &function.aspects {
            let globs: Vec<String> =
                aspect.properties.iter().map(|property| format!("{place}::{}/{}", property.word(), aspect.slug)).collect();
            let of_level = |level: Level| if level == Level::Must { ClauseLevel::Must } else { ClauseLevel::Should };
            let clause = ClauseEntry {
                slug: aspect.slug.clone(),
                level: of_level(aspect.level),
                tests: globs.clone(),
                when: None,
                untestable: None,
                says: Some(aspect.says.clone()),
                since: aspect.since,
                until: aspect.until,
                source: aspect.source.clone(),
            };
            // An aspect without a sentence of its own only splits a check. It is not a clause.
            if !aspect.source.is_empty() {
                out.push(Clause { doubt: aspect.doubt.clone(), ..entry(&clause, &globs) });
            }
        }
        for clause in &function.clauses {
            let globs: Vec<String> = clause.tests.iter().flat_map(|test| judges(test)).map(|test| format!("{place}::{test}")).collect();
            out.push(entry(clause, &globs));
        }
    }
    let all = ids(spec.checks());
    for TopicPage { page, clauses } in &spec.topics {
        let url = |clause: &ClauseEntry| page.url(clause.since.unwrap_or(Revision::V2021_12), clause.until);
        out.extend(clauses.iter().map(|clause| entry(&page.path, clause, &clause.tests, url(clause), &all)));
    }
    out
}

/// The properties that test what a clause names as its test. If the library shows no signature, calls in every legal form test it.
fn judges(test: &str) -> impl Iterator<Item = &str> {
    let calls = (test == Property::Signature.word()).then_some(Property::Call.word());
    std::iter::once(test).chain(calls)
}

fn ids(checks: impl Iterator<Item = CheckDefinition>) -> Vec<CheckId> {
    checks.map(|check| check.id).collect()
}

/// A clause with those of the checks `all` that test it.
fn entry(place: &str, clause: &ClauseEntry, globs: &[String], url: String, all: &[CheckId]) -> Clause {
    let parsed = |text: &String| text.parse::<Glob>().ok();
    // A test of values includes the approximations.
    let matches = |glob: &Glob, id: &CheckId| {
        let approximate = matches!(id.slug.as_deref(), Some(APPROXIMATE | APPROXIMATE_SCALAR));
        glob.matches(id) || approximate && glob.matches(&CheckId { slug: None, ..id.clone() })
    };
    let named = |glob: &Glob| all.iter().any(|id| matches(glob, id));
    let idle = globs.iter().filter(|text| !parsed(text).is_some_and(|glob| named(&glob))).cloned().collect();
    let globs: Vec<Glob> = globs.iter().filter_map(parsed).collect();
    Clause {
        place: place.to_owned(),
        slug: clause.slug.clone(),
        level: match clause.level {
            ClauseLevel::Must => "must",
            ClauseLevel::Should => "should",
            ClauseLevel::May => "may",
        },
        source: clause.source.clone(),
        tested_by: all.iter().filter(|id| globs.iter().any(|glob| matches(glob, id))).cloned().collect(),
        idle,
        untestable: clause.untestable.clone(),
        says: clause.says.clone(),
        doubt: None,
        since: clause.since,
        until: clause.until,
        url,
    }
}

/// The links to the standard that lead to no known page, each with the check or clause that has it.
pub fn dead_links(spec: &Spec) -> Vec<(String, String)> {
    let checks = spec.checks().map(|check| (check.id.to_string(), check.clause.url));
    let clauses = clauses(spec).into_iter().map(|clause| (format!("{}: clause `{}`", clause.place, clause.slug), clause.url));
    let functions = spec.functions.iter().map(|function| (function.id(), function.url()));
    let all = checks.chain(clauses).chain(functions);
    // A link to another site is a fault as well.
    all.filter(|(_, url)| spec.pages.has(url) != Some(true)).collect()
}

/// The faults of the spec, one per line. Empty if there are none.
pub fn check(spec: &Spec) -> Vec<String> {
    let mut faults = Vec::new();
    for function in spec.with_gaps() {
        for rule in function.rules.iter().filter(|_| function.operator.is_none()) {
            let counts: Vec<(DType, usize)> = rule
                .dtypes
                .iter()
                .filter(|d| function.operands.iter().all(|o| o.dtypes.contains(*d)))
                .map(|d| (d, rule.witnesses(spec, function, d).len()))
                .collect();
            let place = format!("{}/{}: special case `{}`", function.category, function.name, rule.slug);
            // The standard says nothing of a gap, and a symmetry may follow from sentences about something else.
            if rule.source.is_empty() && function.category != GAPS && !matches!(rule.body, RuleBody::Symmetry(_)) {
                faults.push(format!("{place} has no `source`: `spec diff` prints the hash of the sentence that it encodes"));
            }
            if counts.is_empty() {
                faults.push(format!("{place} is about dtypes outside the domain"));
            }
            // An unsigned dtype has no negative numbers, so it has no witness for a condition on them.
            for (dtype, _) in counts.iter().filter(|(d, n)| *n == 0 && d.kind() != Kind::UnsignedInteger) {
                faults.push(format!("{place} has no witness of dtype {dtype}: is its condition ever true?"));
            }
            let total: usize = counts.iter().map(|(_, n)| n).sum();
            let pins_one_value = counts.iter().all(|(_, n)| *n == 1);
            if total < WITNESSES && !pins_one_value {
                faults.push(format!("{place} has {total} witnesses, fewer than {WITNESSES}"));
            }
        }
        for dtype in function.operands.iter().flat_map(|o| o.dtypes.iter()) {
            if !function.value.contains_key(&dtype) {
                faults.push(format!(
                    "{}/{}: `value` does not say how results of {dtype} inputs are judged",
                    function.category, function.name
                ));
                break;
            }
        }
    }
    let mut claimed: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let clauses = clauses(spec);
    for clause in &clauses {
        let place = format!("{}: clause `{}`", clause.place, clause.slug);
        faults.extend(clause.idle.iter().map(|test| format!("{place} names `{test}` in `tests`, and no check is called that")));
        for hash in &clause.source {
            if hash.len() != 12 || !hash.bytes().all(|c| c.is_ascii_hexdigit()) {
                faults
                    .push(format!("{}: clause `{}` has the source `{hash}`, which is no hash of 12 hex digits", clause.place, clause.slug));
            }
            claimed.entry((&clause.place, hash)).or_insert(&clause.slug);
        }
    }
    for (place, url) in dead_links(spec) {
        faults.push(format!("{place} links to {url}, and pages.yaml has no such page: see `page` in spec/README.md"));
    }
    faults
}

/// The number of clauses that are tested, and of all clauses.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// The number of all clauses.
    pub clauses: Vec<Clause>,
}

/// The coverage of the spec's clauses by checks.
pub fn coverage(spec: &Spec) -> Coverage {
    Coverage { clauses: clauses(spec) }
}

impl Coverage {
    /// The number of clauses that some check tests, and of all binding clauses. A permission is not binding.
    pub fn tested_of_binding(&self) -> (usize, usize) {
        let binding: Vec<&Clause> = self.clauses.iter().filter(|c| c.level != "may").collect();
        (binding.iter().filter(|c| !c.tested_by.is_empty()).count(), binding.len())
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for clause in &self.clauses {
            write!(f, "{:<7} {}#{}: ", clause.level, clause.place, clause.slug)?;
            match (&clause.tested_by[..], &clause.untestable) {
                ([], Some(reason)) => writeln!(f, "not tested: {reason}")?,
                ([one], _) => writeln!(f, "{one}")?,
                ([first, rest @ ..], _) => writeln!(f, "{first} and {} more", rest.len())?,
                ([], None) => writeln!(f, "NOT TESTED")?,
            }
        }
        let (tested, binding) = self.tested_of_binding();
        let open = self.clauses.len() - binding;
        write!(f, "{} clauses: {binding} bind, of which {tested} are tested; {open} permit or leave open", self.clauses.len())
    }
}

/// A sentence, bullet or signature of the upstream text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Sentence {
    /// The stub file or topic page.
    pub page: String,
    /// The function, on a stub page.
    pub function: Option<String>,
    /// `keyword`, `special` or `signature`.
    pub kind: String,
    /// The text.
    pub text: String,
    /// The hash of the text.
    pub hash: String,
    /// The line in the file.
    pub line: usize,
}

/// The differences between the spec and the upstream text.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// For each revision that was read, the number of its sentences and the sentences that no clause claims.
    pub revisions: Vec<(Revision, usize, Vec<Sentence>)>,
    /// Clauses whose source is in the text of no revision: place, slug, hash. They are known only if all revisions were read.
    pub stale: Vec<(String, String, String)>,
    /// Pages of the site that are not in `pages.yaml`: revision, path.
    pub new_pages: Vec<(Revision, String)>,
    /// Pages of `pages.yaml` that the site of the revision does not have.
    pub lost_pages: Vec<(Revision, String)>,
    /// The pages of the site.
    pub pages: Pages,
}

/// Why the upstream text could not be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DiffError {
    #[error("start `{python}`, which reads the upstream stubs: {source}; set ARRAY_ASSAY_PYTHON to a Python 3.11 or newer")]
    Python { python: PathBuf, source: std::io::Error },
    #[error("read {}: {message}", dir.display())]
    Extract { dir: PathBuf, message: String },
    #[error("read the extracted sentences: {0}")]
    Json(#[from] serde_json::Error),
}

/// The Python program that extracts the sentences. It uses Python's own `ast`.
const EXTRACTOR: &str = include_str!("../upstream/extract.py");

/// Compares the spec with the given revisions in a checkout of data-apis/array-api.
pub fn diff(spec: &Spec, upstream: &Path, revisions: &[Revision], python: &Path) -> Result<Diff, DiffError> {
    let clauses = clauses(spec);
    let claimed: BTreeSet<&str> = clauses.iter().flat_map(|c| c.source.iter().map(String::as_str)).collect();
    let (mut out, mut known, mut site) = (Vec::new(), BTreeSet::new(), Vec::new());
    for revision in revisions {
        let Extracted { sentences, pages } = extract(upstream, *revision, python)?;
        site.push((*revision, pages));
        known.extend(sentences.iter().map(|s| s.hash.clone()));
        let count = sentences.len();
        out.push((*revision, count, sentences.into_iter().filter(|s| !claimed.contains(s.hash.as_str())).collect()));
    }
    let all = Revision::ALL.iter().all(|revision| revisions.contains(revision));
    let stale = clauses
        .iter()
        .filter(|_| all)
        .flat_map(|c| c.source.iter().map(move |hash| (c, hash)))
        .filter(|(_, hash)| !known.contains(*hash))
        .map(|(c, hash)| (c.place.clone(), c.slug.clone(), hash.clone()))
        .collect();
    let pages = Pages::of_revisions(site.iter().map(|(revision, paths)| (*revision, &paths[..])));
    let beyond = |these: &Pages, those: &Pages| -> Vec<(Revision, String)> {
        let of = |revision: &Revision| these.of(*revision).difference(&those.of(*revision)).map(|p| (*revision, (*p).to_owned())).collect();
        revisions.iter().flat_map(|revision| -> Vec<_> { of(revision) }).collect()
    };
    let (new_pages, lost_pages) = (beyond(&pages, &spec.pages), beyond(&spec.pages, &pages));
    Ok(Diff { revisions: out, stale, new_pages, lost_pages, pages })
}

/// The extractor's output for one revision.
#[derive(Deserialize)]
struct Extracted {
    sentences: Vec<Sentence>,
    pages: Vec<String>,
}

/// The sentences and pages of one revision.
fn extract(upstream: &Path, revision: Revision, python: &Path) -> Result<Extracted, DiffError> {
    let run = Command::new(python).arg("-I").arg("-c").arg(EXTRACTOR).arg(upstream).arg(revision.word()).output();
    let output = run.map_err(|source| DiffError::Python { python: python.to_owned(), source })?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("the extractor failed").to_owned();
        return Err(DiffError::Extract { dir: upstream.to_owned(), message });
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Diff {
    /// Whether every sentence is claimed, every claimed sentence exists, and every page is known.
    pub fn is_empty(&self) -> bool {
        let claimed = self.revisions.iter().all(|(_, _, unclaimed)| unclaimed.is_empty()) && self.stale.is_empty();
        claimed && self.new_pages.is_empty() && self.lost_pages.is_empty()
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (revision, _, unclaimed) in &self.revisions {
            for s in unclaimed {
                let place = s.function.as_ref().map_or_else(|| s.page.clone(), |name| format!("{}.{name}", s.page));
                writeln!(f, "unclaimed  {} {revision} {place}:{} ({}): {}", s.hash, s.line, s.kind, s.text)?;
            }
        }
        for (place, slug, hash) in &self.stale {
            writeln!(f, "stale      {hash} {place}#{slug}: the upstream text has no such sentence any more")?;
        }
        for (revision, path) in &self.new_pages {
            writeln!(f, "new page   {revision} {path}: spec/pages.yaml lacks it; `spec diff --write-pages` writes it anew")?;
        }
        for (revision, path) in &self.lost_pages {
            writeln!(
                f,
                "lost page  {revision} {path}: the site has no such page any more; `spec diff --write-pages` writes spec/pages.yaml anew"
            )?;
        }
        for (revision, sentences, unclaimed) in &self.revisions {
            writeln!(f, "{revision}: {sentences} sentences, bullets and signatures read, {} unclaimed", unclaimed.len())?;
        }
        write!(f, "{} stale; {} new pages, {} lost", self.stale.len(), self.new_pages.len(), self.lost_pages.len())
    }
}
