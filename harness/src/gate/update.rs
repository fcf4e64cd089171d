//! Updates a baseline with results.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cause, Check, CheckId, Level, Results};

use super::baseline::{Baseline, BaselineError, Checks, Known, KnownKinds, UNEXPLAINED};
use super::found::{Found, NO_DTYPE, dtype_name};
use super::scope::When;
use super::{of_glob, shows};
use crate::judge::kind::includes;

/// An updated baseline, and the entries that were removed.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// The new baseline.
    pub baseline: Baseline,
    /// The entries of the old baseline that were removed, because none of their deviations is left.
    pub stale: Vec<Known>,
}

/// A dtype and a kind of deviation, as entries name them.
type Pair = (String, Option<String>);

/// The runs in which a deviation occurred.
#[derive(Debug, Clone, Copy)]
struct Met {
    /// Whether it occurred only in some of the runs that could show it.
    intermittent: bool,
    /// The seed of a run in which it occurred.
    seed: u64,
    /// The number of cases in a stream of that run.
    cases: u32,
}

/// A check in one of the runs.
type Judged<'r> = (&'r Results, &'r Check);

/// A deviation that an entry names, or that no entry names.
#[derive(Clone, Copy)]
struct Claimed<'f> {
    id: &'f CheckId,
    found: &'f Found,
    met: Met,
}

/// What deviations in one entry have in common: whether they are intermittent, the seed, and the number of cases.
type Group = (bool, u64, u32);

impl Baseline {
    /// Updates the baseline with runs of the same library. The new baseline names exactly the deviations of checks at `level` or a more
    /// binding level, and those of less binding checks that it named before.
    ///
    /// A deviation that occurs in some runs but not in others that could show it makes the entry intermittent. An entry keeps its reason,
    /// link, comments and place. A named deviation that no run shows is removed if a run with the seed and the cases of the entry could
    /// have shown it; otherwise it stays. Intermittent entries stay, and so do entries on checks that did not run.
    pub fn updated(&self, runs: &[Results], level: Level) -> Result<Update, BaselineError> {
        same_library(runs)?;
        let checks = by_id(runs);
        let whole_domain = runs.iter().any(|run| !run.header.options.contains_key("dtype"));
        let mut met: BTreeMap<&CheckId, BTreeMap<Found, Met>> = BTreeMap::new();
        for (id, judged) in &checks {
            met.insert(id, self.met(judged));
        }
        // Several entries may name a deviation. The narrowest one gives its reason.
        let mut claims: Vec<Vec<Claimed<'_>>> = vec![Vec::new(); self.deviations.len()];
        let mut unclaimed: Vec<Claimed<'_>> = Vec::new();
        for (id, (found, met)) in met.iter().flat_map(|(id, found)| found.iter().map(move |found| (*id, found))) {
            let names = |known: &Known| {
                speaks_of(known, runs) && known.names(id, found.cause) && known.excuses(&found.dtype, found.kind.as_deref())
            };
            let breadth = |known: &Known| {
                let any = known.pairs().iter().filter(|(dtype, kind)| dtype.is_none() || kind.is_none()).count();
                (known.check.one().is_none(), known.cause.is_none(), any)
            };
            let owner = (0..self.deviations.len()).filter(|i| names(&self.deviations[*i])).min_by_key(|i| breadth(&self.deviations[*i]));
            let claimed = Claimed { id, found, met: *met };
            match owner {
                Some(owner) => claims[owner].push(claimed),
                None => unclaimed.push(claimed),
            }
        }

        let mut out: Vec<Known> = Vec::new();
        let mut stale = Vec::new();
        for (known, claimed) in self.deviations.iter().zip(claims) {
            let Some(judged) = judged_of(known, &checks).filter(|_| speaks_of(known, runs)) else {
                out.push(known.clone());
                continue;
            };
            let entries = match (&known.check, known.cause) {
                (Checks::One(_), Some(cause)) => self.renewed(known, cause, &claimed, &judged, whole_domain),
                _ => self.narrowed(known, &claimed, &checks, &judged, whole_domain),
            };
            stale.extend(entries.is_empty().then(|| known.clone()));
            out.extend(entries);
        }
        self.add(&mut out, unclaimed.into_iter().filter(|new| counts(&checks[new.id], level)));

        let mut baseline = Baseline { deviations: out, ..self.clone() };
        (baseline.seed, baseline.cases) = baseline.usual_run();
        Ok(Update { baseline, stale })
    }

    /// The deviations of a check, and the runs in which each occurred.
    fn met(&self, judged: &[Judged<'_>]) -> BTreeMap<Found, Met> {
        let of_runs: Vec<BTreeSet<Found>> = judged.iter().map(|(_, check)| Found::in_check(check, None)).collect();
        let all: BTreeSet<&Found> = of_runs.iter().flatten().collect();
        let met = |found: &Found| {
            let (with, without): (Vec<usize>, Vec<usize>) = (0..judged.len()).partition(|run| of_runs[*run].contains(found));
            let header = |run: usize| &judged[run].0.header;
            // A run with fewer cases than the runs that showed the deviation proves nothing.
            let enough = with.iter().map(|run| header(*run).cases).min().unwrap_or_default();
            let could = |run: &usize| {
                let (results, check) = judged[*run];
                results.header.cases >= enough && shows(results, check, None, Some(dtype_name(&found.dtype)))
            };
            let usual = with.iter().copied().find(|run| header(*run).seed == self.seed);
            let first = usual.or_else(|| with.iter().copied().min_by_key(|run| header(*run).seed));
            let (seed, cases) = first.map_or((self.seed, self.cases), |run| (header(run).seed, header(run).cases));
            Met { intermittent: without.iter().any(could), seed, cases }
        };
        let all: BTreeMap<Found, Met> = all.into_iter().map(|found| (found.clone(), met(found))).collect();
        // A kind that the same fault causes only sometimes needs no entry beside the usual kind.
        let graver = |found: &Found, met: &Met| {
            all.iter().any(|(other, of_other)| {
                let same = other != found && (other.cause, &other.dtype) == (found.cause, &found.dtype);
                let of_kind =
                    |graver: &Option<String>, lesser: &Option<String>| includes(graver.as_deref()?, lesser.as_deref()?).then_some(());
                same && of_kind(&other.kind, &found.kind).is_some() && (met.intermittent || !of_other.intermittent)
            })
        };
        all.iter().filter(|(found, met)| !graver(found, met)).map(|(found, met)| (found.clone(), *met)).collect()
    }

    /// Replaces an entry that covers several checks or any cause. There is a new entry for each check and cause with a deviation that the
    /// old one names.
    fn narrowed(
        &self,
        known: &Known,
        claimed: &[Claimed<'_>],
        checks: &BTreeMap<&CheckId, Vec<Judged<'_>>>,
        judged: &[Judged<'_>],
        whole_domain: bool,
    ) -> Vec<Known> {
        if claimed.is_empty() && (known.intermittent || !could_show(known, judged, None)) {
            return vec![known.clone()];
        }
        let mut single: BTreeMap<(&CheckId, Cause), Vec<Claimed<'_>>> = BTreeMap::new();
        claimed.iter().for_each(|claimed| single.entry((claimed.id, claimed.found.cause)).or_default().push(*claimed));
        let mut comments = known.comments.clone();
        let renewed = |((id, cause), claimed): ((&CheckId, Cause), Vec<Claimed<'_>>)| {
            let comments = std::mem::take(&mut comments);
            let one = Known { check: Checks::One(id.clone()), cause: Some(cause), comments, ..known.clone() };
            self.renewed(&one, cause, &claimed, &checks[id], whole_domain)
        };
        single.into_iter().flat_map(renewed).collect()
    }

    /// Replaces an entry on a check that ran. `claimed` are the deviations that the entry names.
    fn renewed(&self, known: &Known, cause: Cause, claimed: &[Claimed<'_>], judged: &[Judged<'_>], whole_domain: bool) -> Vec<Known> {
        let could_show = |dtype: Option<&str>| could_show(known, judged, dtype);
        let pairs = known.pairs();
        let on_any = pairs.iter().any(|(dtype, _)| dtype.is_none());
        if on_any && (!whole_domain || claimed.is_empty() && (known.intermittent || !could_show(None))) {
            return vec![known.clone()];
        }
        // An entry may name no kinds because they depend on chance. It stays so.
        let any_kind = matches!(known.kinds, KnownKinds::Any) && (known.intermittent || !on_any);
        let mut groups: BTreeMap<Group, BTreeSet<Pair>> = BTreeMap::new();
        for Claimed { found, met, .. } in claimed {
            let pair = (dtype_name(&found.dtype).to_owned(), found.kind.clone().filter(|_| !any_kind));
            let intermittent = known.intermittent || met.intermittent;
            let (seed, cases) = match on_any {
                true => (met.seed, met.cases),
                // The entry keeps its run. If fewer cases were enough, it takes their number.
                false if met.seed == known.seed => (known.seed, known.cases.min(met.cases)),
                false => (known.seed, known.cases),
            };
            groups.entry(group(intermittent, seed, cases)).or_default().insert(pair);
        }
        for (dtype, kind) in pairs.into_iter().filter(|(dtype, _)| dtype.is_some()) {
            let occurs = claimed.iter().any(|claimed| claimed.found.is_one_of(known.cause, dtype, kind));
            if !occurs && (known.intermittent || !could_show(dtype)) {
                let pair = (dtype.unwrap_or(NO_DTYPE).to_owned(), kind.map(str::to_owned));
                groups.entry(group(known.intermittent, known.seed, known.cases)).or_default().insert(pair);
            }
        }
        let mut comments = known.comments.clone();
        let entry = |(group, pairs): (Group, BTreeSet<Pair>)| {
            let comments = std::mem::take(&mut comments);
            let entry = entry_of(known.check.clone(), cause, &known.reason, known.link.clone(), group, pairs, comments);
            Known { place: known.place.clone(), when: known.when.clone(), expires: known.expires.clone(), ..entry }
        };
        groups.into_iter().map(entry).collect()
    }

    /// Adds entries for deviations that no entry names. Each comes after the last entry that precedes it in order.
    fn add<'f>(&self, out: &mut Vec<Known>, new: impl Iterator<Item = Claimed<'f>>) {
        let mut groups: BTreeMap<(&CheckId, Cause, Group), BTreeSet<Pair>> = BTreeMap::new();
        for Claimed { id, found, met } in new {
            let key = (id, found.cause, group(met.intermittent, met.seed, met.cases));
            groups.entry(key).or_default().insert((dtype_name(&found.dtype).to_owned(), found.kind.clone()));
        }
        for ((id, cause, group), mut pairs) in groups {
            let alike = |known: &Known| {
                let of_known = self::group(known.intermittent, known.seed, known.cases);
                known.check.one() == Some(id) && known.cause == Some(cause) && known.reason == UNEXPLAINED && of_known == group
            };
            let waiting = out.iter().position(alike).filter(|i| out[*i].pairs().iter().all(|(dtype, _)| dtype.is_some()));
            if let Some(i) = waiting {
                let old = out[i].pairs();
                pairs.extend(old.into_iter().map(|(dtype, kind)| (dtype.unwrap_or(NO_DTYPE).to_owned(), kind.map(str::to_owned))));
                let comments = std::mem::take(&mut out[i].comments);
                out[i] = entry_of(Checks::One(id.clone()), cause, UNEXPLAINED, out[i].link.clone(), group, pairs, comments);
                continue;
            }
            let entry = entry_of(Checks::One(id.clone()), cause, UNEXPLAINED, None, group, pairs, Vec::new());
            let before = |known: &Known| known.check.one().is_some_and(|own| (own, known.cause) <= (id, Some(cause)));
            let place = out.iter().rposition(before).map_or(0, |i| i + 1);
            out.insert(place, entry);
        }
    }

    /// The seed and the number of cases that entries need not write. They are the baseline's own as long as some entry has them, so that
    /// the other entries do not change. Otherwise they are those of most entries.
    fn usual_run(&self) -> (u64, u32) {
        let mut counts: BTreeMap<(u64, u32), usize> = BTreeMap::new();
        for known in self.deviations.iter().filter(|known| !known.intermittent) {
            *counts.entry((known.seed, known.cases)).or_default() += 1;
        }
        let own = (self.seed, self.cases);
        let most = counts.iter().max_by_key(|(run, n)| (**n, std::cmp::Reverse(**run))).map(|(run, _)| *run);
        if counts.contains_key(&own) { own } else { most.unwrap_or(own) }
    }
}

/// The group of an entry. An intermittent entry is never stale, so it has no seed and no cases.
fn group(intermittent: bool, seed: u64, cases: u32) -> Group {
    if intermittent { (true, 0, 0) } else { (false, seed, cases) }
}

/// The entry for pairs of dtypes and kinds, written as short as possible.
fn entry_of(
    check: Checks,
    cause: Cause,
    reason: &str,
    link: Option<String>,
    (intermittent, seed, cases): Group,
    pairs: BTreeSet<Pair>,
    comments: Vec<String>,
) -> Known {
    let mut by_kind: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    for (dtype, kind) in pairs {
        by_kind.entry(kind).or_default().push(dtype);
    }
    by_kind.values_mut().for_each(|dtypes| dtypes.sort_by_key(|dtype| place(dtype)));
    let mut lists = by_kind.values();
    let first = lists.next().cloned().unwrap_or_default();
    let alike = lists.all(|dtypes| *dtypes == first);
    let (dtypes, kinds) = match (alike, by_kind.contains_key(&None)) {
        (true, true) => (first, KnownKinds::Any),
        (true, false) => (first, KnownKinds::Of(by_kind.into_keys().flatten().collect())),
        // Some results name the kind and others do not, so any kind counts.
        (false, true) => (sorted(by_kind.into_values().flatten()), KnownKinds::Any),
        (false, false) => (Vec::new(), KnownKinds::By(by_kind.into_iter().filter_map(|(kind, dtypes)| Some((kind?, dtypes))).collect())),
    };
    let (cause, reason) = (Some(cause), reason.to_owned());
    let (when, expires) = (When::default(), None);
    Known { check, cause, dtypes, kinds, reason, intermittent, link, when, expires, seed, cases, comments, place: None }
}

/// Each dtype once, in the standard's order.
fn sorted(dtypes: impl Iterator<Item = String>) -> Vec<String> {
    let all: BTreeSet<String> = dtypes.collect();
    let mut all: Vec<String> = all.into_iter().collect();
    all.sort_by_key(|dtype| place(dtype));
    all
}

/// The sort key of a label. Single dtypes come first, in the standard's order.
fn place(dtypes: &str) -> (usize, Vec<Option<array_assay_interface::DType>>) {
    let parts: Vec<_> = dtypes.split('+').map(|name| name.parse().ok()).collect();
    (parts.len(), parts)
}

/// The checks of an entry in each run. `None` unless all of them ran.
fn judged_of<'r>(known: &Known, checks: &BTreeMap<&CheckId, Vec<Judged<'r>>>) -> Option<Vec<Judged<'r>>> {
    match &known.check {
        Checks::One(id) => checks.get(id).cloned(),
        Checks::Matching(glob) => {
            let (results, _) = checks.values().next()?.first()?;
            let of_all: Option<Vec<_>> = of_glob(glob, &results.header).iter().map(|id| checks.get(id).cloned()).collect();
            of_all.map(|of_all| of_all.concat()).filter(|judged| !judged.is_empty())
        }
    }
}

/// Whether an entry speaks of the runs. Others stay as they are.
fn speaks_of(known: &Known, runs: &[Results]) -> bool {
    runs.iter().all(|run| run.header.revisions.iter().any(|revision| known.applies(run, *revision)))
}

/// Whether a run like the one that showed a deviation could show it again.
fn could_show(known: &Known, judged: &[Judged<'_>], dtype: Option<&str>) -> bool {
    judged.iter().any(|(results, check)| {
        let same_run = results.header.seed == known.seed && results.header.cases >= known.cases;
        same_run && shows(results, check, None, dtype)
    })
}

/// Whether entries are added for the deviations of a check.
fn counts(judged: &[Judged<'_>], level: Level) -> bool {
    judged.iter().any(|(_, check)| check.gate_level() <= level && !check.is_gap())
}

/// Every check, with the runs that contain it.
fn by_id(runs: &[Results]) -> BTreeMap<&CheckId, Vec<Judged<'_>>> {
    let mut out: BTreeMap<&CheckId, Vec<Judged<'_>>> = BTreeMap::new();
    for (results, check) in runs.iter().flat_map(|run| run.checks.iter().map(move |check| (run, check))) {
        out.entry(&check.id).or_default().push((results, check));
    }
    out
}

/// Returns an error if the runs are of different libraries or versions.
fn same_library(runs: &[Results]) -> Result<(), BaselineError> {
    let Some(first) = runs.first() else { return Err(BaselineError::Runs("there are no results; name the files".to_owned())) };
    let of = |run: &Results| (run.header.backend.name.clone(), run.header.backend.version.clone());
    let (name, version) = of(first);
    match runs.iter().map(of).find(|other| *other != (name.clone(), version.clone())) {
        None => Ok(()),
        Some((other, its)) => Err(BaselineError::Runs(format!(
            "the results are of {name} {version} and of {other} {its}; give results of one backend in one version"
        ))),
    }
}
