//! Clusters: libraries that deviate from a check in the same way, with the calls that show it.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cell, Check, Counterexample, Header, Revision, Verdict};

use super::input::Explanation;
use crate::bug;
use crate::text::{dtypes, one_line, thousands, visible};

/// Libraries that deviate from a check in the same way, with the smallest call that shows it.
pub struct Cluster {
    /// Verdict, causes and kinds of deviation: what the members have in common.
    way: Vec<String>,
    pub verdict: Verdict,
    pub cause: String,
    pub members: Vec<Member>,
    /// What is worth knowing beside the verdict.
    pub notes: BTreeSet<String>,
    /// The reasons that baselines give, each with the places of the runs.
    pub reasons: BTreeMap<(String, Option<String>), Vec<usize>>,
    /// The smallest call of each kind, the smallest first.
    pub examples: Vec<Example>,
    /// How to see the first example, and how to report it.
    pub script: Option<Script>,
}

/// A library of a cluster.
pub struct Member {
    pub run: usize,
    pub dtypes: String,
}

/// A call that deviates.
#[derive(Clone)]
pub struct Example {
    size: (usize, usize),
    pub run: usize,
    pub dtype: String,
    pub device: String,
    /// How many cases deviate, of how many.
    pub share: String,
    pub call: String,
    pub expected: String,
    pub got: String,
    pub step: Option<String>,
    pub note: Option<String>,
}

/// A script, and the bug report around it.
pub struct Script {
    pub text: String,
    /// The bug report before and after the script.
    pub report: (String, String),
}

/// The largest number of calls of a cluster; the results files hold one for each dtype.
const EXAMPLES: usize = 2;
/// The largest number of characters of a call, a result or a note.
const WIDTH: usize = 1200;
/// The largest number of bytes of a script.
const SCRIPT: usize = 12_000;
/// The largest number of notes and of reasons in a cluster.
const NOTES: usize = 12;

/// The cells of a check that deviate, or for which the library lacks something.
pub fn failing(check: &Check) -> Vec<&Cell> {
    check.cells.iter().filter(|cell| !matches!(cell.verdict, Verdict::Pass | Verdict::Blocked | Verdict::NotTested)).collect()
}

pub fn causes(check: &Check) -> String {
    let causes: BTreeSet<&str> = failing(check).iter().filter_map(|cell| cell.cause).map(|cause| cause.word()).collect();
    causes.into_iter().collect::<Vec<_>>().join(", ")
}

/// The kinds of deviation of a check, such as `NaN for a number`.
pub fn kinds(check: &Check) -> BTreeSet<&str> {
    failing(check).iter().flat_map(|cell| cell.kinds.values()).flat_map(BTreeMap::keys).map(String::as_str).collect()
}

/// The size of a counterexample, to show the smallest first: number of elements, then length of the call.
pub fn size(found: &Counterexample) -> (usize, usize) {
    (found.program.inputs.iter().map(|array| array.len()).sum(), found.call.len())
}

/// Adds a run to the cluster of those that deviate alike, or begins one.
pub fn add(clusters: &mut Vec<Cluster>, run: usize, header: &Header, check: &Check, known: &[&Explanation], front: Revision) {
    let verdict = match check.verdict_in(front).unwrap_or(check.verdict) {
        // The check passes where it was judged, and its cells say what was excused.
        Verdict::Pass => Cell::overall(failing(check).iter().map(|cell| cell.verdict)).unwrap_or(Verdict::Pass),
        verdict => verdict,
    };
    let mut way = vec![verdict.word().to_owned(), causes(check)];
    way.extend(kinds(check).into_iter().map(str::to_owned));
    let at = clusters.iter().position(|cluster| cluster.way == way).unwrap_or_else(|| {
        clusters.push(Cluster {
            way,
            verdict,
            cause: causes(check),
            members: Vec::new(),
            notes: BTreeSet::new(),
            reasons: BTreeMap::new(),
            examples: Vec::new(),
            script: None,
        });
        clusters.len() - 1
    });
    let cluster = &mut clusters[at];
    cluster.members.push(Member { run, dtypes: dtypes(failing(check).iter().map(|cell| cell.dtype.as_str())) });
    for note in notes(header, check) {
        if cluster.notes.len() < NOTES {
            cluster.notes.insert(note);
        }
    }
    for reason in known {
        let key = (one_line(&reason.reason, 1000), reason.link.clone());
        if cluster.reasons.len() < NOTES || cluster.reasons.contains_key(&key) {
            let runs = cluster.reasons.entry(key).or_default();
            if runs.last() != Some(&run) {
                runs.push(run);
            }
        }
    }
    for (cell, found) in failing(check).into_iter().filter_map(|cell| Some((cell, cell.counterexample.as_ref()?))) {
        cluster.show(run, header, check, cell, found);
    }
}

impl Cluster {
    /// Keeps the call if it is among the smallest.
    fn show(&mut self, run: usize, header: &Header, check: &Check, cell: &Cell, found: &Counterexample) {
        let size = size(found);
        if self.examples.len() == EXAMPLES && self.examples.last().is_some_and(|last| last.size <= size) {
            return;
        }
        let example = example(run, check, cell, found, size);
        if self.examples.iter().any(|other| other.call == example.call && other.got == example.got) {
            return;
        }
        // Of two calls of the same size the earlier run's stays in front.
        let at = self.examples.partition_point(|other| other.size <= size);
        if at == 0 {
            self.script = script(header, check, cell, found);
        }
        self.examples.insert(at, example);
        self.examples.truncate(EXAMPLES);
    }
}

fn script(header: &Header, check: &Check, cell: &Cell, found: &Counterexample) -> Option<Script> {
    if found.snippet.is_empty() || found.snippet.len() > SCRIPT {
        return None;
    }
    let (before, after) = bug::around(header, check, cell, found);
    Some(Script { text: visible(found.snippet.trim_end()), report: (visible(&before), visible(&after)) })
}

fn example(run: usize, check: &Check, cell: &Cell, found: &Counterexample, size: (usize, usize)) -> Example {
    let step = found.step.filter(|_| found.program.steps.len() > 1).map(|step| {
        let name = found.program.steps.get(step as usize).map(|s| one_line(&s.function, 80)).unwrap_or_default();
        format!("step {} of {}: {name}", step + 1, found.program.steps.len())
    });
    let since = cell.since.map(|revision| format!(", {} since {revision}", check.level)).unwrap_or_default();
    Example {
        size,
        run,
        dtype: one_line(&cell.dtype, 60),
        device: one_line(&cell.device, 60),
        share: format!("{} of {} cases{since}", thousands(cell.failures), thousands(cell.cases)),
        call: cut(&found.call),
        expected: cut(&plain(&found.expected)),
        got: cut(&found.got),
        step,
        note: found.note.as_deref().map(cut),
    }
}

/// The text as people see it, cut after [`WIDTH`] characters. Line ends stay.
pub fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        None => visible(text),
        Some((end, _)) => format!("{} … ({} characters)", visible(&text[..end]), thousands(text.chars().count() as u64)),
    }
}

/// An expectation without what says nothing: a tolerance of zero, and errors in scientific notation.
pub fn plain(expected: &str) -> String {
    let text = expected.replace(" within 0.000e0", "").replace("-nan", "nan");
    let Some((before, rest)) = text.split_once("(the error is ") else { return text };
    let Some((number, after)) = rest.split_once(')') else { return text };
    match number.trim_end_matches(" ULP").parse::<f64>() {
        Ok(error) => format!("{before}(the error is {}){after}", crate::text::ulp(error)),
        Err(_) => text,
    }
}

/// The notes of a check, each once with its dtypes. That scalars count as arrays is on the library's page.
fn notes(header: &Header, check: &Check) -> Vec<String> {
    let sum = |of: fn(&Cell) -> u64| check.cells.iter().map(of).sum::<u64>();
    let (flushed, alternative) = (sum(|cell| cell.classes.flushed), sum(|cell| cell.classes.alternative));
    let mut notes = Vec::new();
    if flushed > 0 {
        notes.push(format!("{} elements are right if subnormal numbers are taken as zero", thousands(flushed)));
    }
    if alternative > 0 {
        notes.push(format!("{} elements have another result that the text allows", thousands(alternative)));
    }
    let scalars = &header.backend.scalars_for_arrays;
    let mut of_cells: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for cell in failing(check) {
        if let Some(note) = cell.note.as_deref().filter(|note| !scalars.iter().any(|scalar| note.contains(scalar.as_str()))) {
            of_cells.entry(note).or_default().push(&cell.dtype);
        }
    }
    notes.extend(of_cells.into_iter().map(|(note, of)| match dtypes(of.iter().copied()) {
        none if none.is_empty() => one_line(note, 300),
        dtypes => one_line(&format!("{dtypes}: {note}"), 300),
    }));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_says_nothing_that_nobody_understands() {
        assert_eq!(plain("nan within 0.000e0"), "nan");
        assert_eq!(plain("-4.68e-19 within 4 ULP (the error is 7.955e0)"), "-4.68e-19 within 4 ULP (the error is 7.96)");
        assert_eq!(plain("2.0"), "2.0");
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let long = cut(&"é".repeat(1_000_000));
        assert!(long.chars().count() < WIDTH + 40 && long.ends_with("(1,000,000 characters)"), "{long}");
    }
}
