//! `consumers claims`: reads what consumers themselves say of libraries, and holds it against what they really do there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use array_assay_reports::{ClaimStanding, Claimed};
use serde::{Deserialize, Serialize};

use super::package::{Answer, Verdict, below_root, built_in, call, exit, read_yaml};
use super::truth::{consumers_own, happened, read};
use crate::cli;
use crate::exit::{Error, Exit};

/// What a consumer says of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    /// The consumer and the workload's name.
    workload: String,
    /// Where the consumer says so: in its `table` of capabilities, by the `tag` of an estimator, by `tests` that run on each library, or in
    /// its `documentation`.
    by: String,
    /// The functions or estimators of which it says so.
    of: Vec<String>,
    /// The namespaces that it supports on the processor.
    supports: BTreeSet<String>,
    /// The namespaces that it does not support on the processor, each with the reason if there is one.
    denies: BTreeMap<String, String>,
    /// The namespaces that it supports on GPUs, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gpu: Option<BTreeSet<String>>,
    /// Whether JAX can compile it, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jit: Option<bool>,
    /// Whether Dask computes it later, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lazy: Option<bool>,
    /// The tag of the estimator, if it says another thing than the documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<bool>,
}

/// What the documentation of a consumer says where the package itself does not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documented {
    consumer: String,
    version: String,
    /// Where it stands.
    source: String,
    supports: Vec<String>,
}

/// Runs the command.
pub fn run(options: &cli::Claims) -> Result<Exit, Error> {
    let versions = versions()?;
    let documented: Vec<Documented> = read_yaml(&below_root("backends/python/consumers/documented.yaml"))?;
    for of in &documented {
        if versions.get(of.consumer.as_str()) != Some(&of.version.as_str()) {
            return Err(Error::Usage(format!(
                "read what the documentation of {} says: documented.yaml is about version {}, and another one is traced; read {} again",
                of.consumer, of.version, of.source
            )));
        }
    }
    let lines = documented.iter().flat_map(|of| &of.supports).map(|name| serde_json::json!(name).to_string()).collect();
    let mut claims: Vec<Claim> = Vec::new();
    call(&["claims".into()], &[], lines, &mut |claim: Claim| {
        claims.push(claim);
        Ok(())
    })?;
    let (path, text) = (file(), text(&claims)?);
    let same = std::fs::read_to_string(&path).is_ok_and(|old| old == text);
    if !options.check {
        std::fs::write(&path, &text).map_err(|source| Error::File { what: "write", path: path.clone(), source })?;
        print_line!("{} claims written to {}", claims.len(), path.display());
    }
    print(&held_against_truth(&claims)?);
    if options.check && !same {
        print_line!("{} is not what the consumers say: run `cargo xtask consumers claims`", path.display());
    }
    Ok(exit(same || !options.check))
}

/// The committed claims, held against the truth about each library of which it is known. Nothing outside the repository.
pub fn held() -> Vec<Claimed> {
    #[derive(Deserialize)]
    struct File {
        claims: Vec<Claim>,
    }
    read_yaml::<File>(&file()).and_then(|file| held_against_truth(&file.claims)).unwrap_or_default()
}

/// What each consumer says of each library, held against the truth.
fn held_against_truth(claims: &[Claim]) -> Result<Vec<Claimed>, Error> {
    let versions = versions()?;
    let mut out = Vec::new();
    for library in array_assay_python::libraries() {
        let Ok(truth) = read(&library.name) else { continue };
        out.extend(compared(claims, &truth.cases, &truth.says(&library.name), &consumers_own(&library.module), &versions));
    }
    Ok(out)
}

/// What consumers say of a library with a namespace, held against what the real consumers did there.
fn compared(claims: &[Claim], answers: &[Answer], library: &str, module: &str, versions: &BTreeMap<&str, &str>) -> Vec<Claimed> {
    let claims: BTreeMap<&str, &Claim> = claims.iter().map(|claim| (claim.workload.as_str(), claim)).collect();
    let mut of_workload: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in answers {
        of_workload.entry(&answer.workload).or_default().push(answer);
    }
    let held = |(workload, cases): (&str, Vec<&Answer>)| {
        let (says, claimed) = claims.get(workload).map_or((String::new(), None), |claim| claim.says(module));
        let worst = cases.iter().find(|answer| !answer.verdict.runs());
        let leaves = cases.iter().find(|answer| answer.verdict == Verdict::Elsewhere);
        let shown = worst.or(leaves).or(cases.first()).copied();
        let consumer = workload.split('/').next().unwrap_or_default();
        Claimed {
            consumer: format!("{consumer} {}", versions.get(consumer).copied().unwrap_or_default()),
            workload: workload.to_owned(),
            library: library.to_owned(),
            standing: standing(claimed, worst.is_none(), leaves.is_some()),
            says,
            really: shown.map(happened).unwrap_or_default(),
        }
    };
    of_workload.into_iter().map(held).collect()
}

fn standing(claimed: Option<bool>, runs: bool, leaves: bool) -> ClaimStanding {
    match (claimed, runs, leaves) {
        (None, _, _) => ClaimStanding::Silent,
        (Some(true), false, _) => ClaimStanding::ClaimFails,
        (Some(true), true, true) => ClaimStanding::ClaimLeaves,
        (Some(false), true, true) => ClaimStanding::DenialLeaves,
        (Some(false), true, false) => ClaimStanding::DenialRuns,
        (Some(true), true, false) | (Some(false), false, _) => ClaimStanding::Agrees,
    }
}

impl Claim {
    /// What it says of a namespace, in words, and whether it supports it.
    fn says(&self, module: &str) -> (String, Option<bool>) {
        let by = match (self.by.as_str(), self.tag) {
            ("documentation", Some(false)) => "documentation, against the tag".to_owned(),
            (by, _) => by.to_owned(),
        };
        match (self.supports.contains(module), self.denies.get(module)) {
            (true, _) => (format!("supported ({by})"), Some(true)),
            (false, Some(reason)) if reason.is_empty() => (format!("not supported ({by})"), Some(false)),
            (false, Some(reason)) => (format!("not supported ({by}): {reason}"), Some(false)),
            (false, None) => (String::new(), None),
        }
    }
}

/// Prints how often what a consumer says stands how to the truth, and each contradiction.
fn print(held: &[Claimed]) {
    for group in held.chunk_by(|a, b| a.library == b.library && a.consumer == b.consumer) {
        let count = |standing: &ClaimStanding| group.iter().filter(|claimed| claimed.standing == *standing).count();
        let counts = ClaimStanding::ALL.iter().map(|standing| (count(standing), standing.says())).filter(|(n, _)| *n > 0);
        let counts: Vec<String> = counts.map(|(n, says)| format!("{n} {says}")).collect();
        print_line!("{} on {}: of {} workloads {}", group[0].consumer, group[0].library, group.len(), counts.join(", "));
        for claimed in group.iter().filter(|claimed| claimed.standing.disagrees()) {
            print_line!("  {}: {}; {}; really {}", claimed.workload, claimed.standing.says(), claimed.says, claimed.really);
        }
    }
}

/// The versions of the consumers whose profiles are built in.
fn versions() -> Result<BTreeMap<&'static str, &'static str>, Error> {
    Ok(built_in()?.iter().map(|profile| (profile.consumer.as_str(), profile.version.as_str())).collect())
}

/// The file of what consumers say.
fn file() -> PathBuf {
    below_root("backends/python/truth/claims.yaml")
}

/// The file's text: one claim a line.
fn text(claims: &[Claim]) -> Result<String, Error> {
    let mut out = "# Written by `cargo xtask consumers claims`, never by hand.\nclaims:\n".to_owned();
    for claim in claims {
        let line = serde_json::to_string(claim).map_err(|e| Error::Fault(format!("write a claim: {e}")))?;
        out += &format!("- {line}\n");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(workload: &str, case: &str, verdict: Verdict) -> Answer {
        let why = if verdict == Verdict::Fails { "ValueError: no" } else { "" };
        let lines = if verdict == Verdict::Fails { vec!["scipy/a.py:5".to_owned(), "dask/b.py:9".to_owned()] } else { Vec::new() };
        Answer { workload: workload.to_owned(), case: case.to_owned(), verdict, why: why.to_owned(), lines, late: false }
    }

    fn claim(workload: &str, supports: &[&str], denies: &[(&str, &str)]) -> Claim {
        Claim {
            workload: workload.to_owned(),
            by: "table".to_owned(),
            supports: supports.iter().map(|module| (*module).to_owned()).collect(),
            denies: denies.iter().map(|(module, reason)| ((*module).to_owned(), (*reason).to_owned())).collect(),
            ..Claim::default()
        }
    }

    #[test]
    fn each_way_in_which_a_claim_stands_to_the_truth_is_told() {
        let cases = [
            ("scipy/right", claim("scipy/right", &["dask.array"], &[]), Verdict::Works, ClaimStanding::Agrees),
            ("scipy/fails", claim("scipy/fails", &["dask.array"], &[]), Verdict::Fails, ClaimStanding::ClaimFails),
            ("scipy/differs", claim("scipy/differs", &["dask.array"], &[]), Verdict::Differs, ClaimStanding::ClaimFails),
            ("scipy/leaves", claim("scipy/leaves", &["dask.array"], &[]), Verdict::Elsewhere, ClaimStanding::ClaimLeaves),
            ("scipy/stale", claim("scipy/stale", &[], &[("dask.array", "slow")]), Verdict::Works, ClaimStanding::DenialRuns),
            ("scipy/host", claim("scipy/host", &[], &[("dask.array", "")]), Verdict::Elsewhere, ClaimStanding::DenialLeaves),
            ("scipy/denied", claim("scipy/denied", &[], &[("dask.array", "")]), Verdict::Timeout, ClaimStanding::Agrees),
            ("scipy/silent", claim("scipy/silent", &["torch"], &[]), Verdict::Fails, ClaimStanding::Silent),
        ];
        let versions = BTreeMap::from([("scipy", "1.17.1")]);
        for (workload, claim, verdict, expected) in cases {
            // Of two cases one runs: the other one decides.
            let answers = [answer(workload, "float64-20", Verdict::Works), answer(workload, "float64-48", verdict)];
            let held = compared(&[claim], &answers, "compat:dask", "dask.array", &versions);
            assert_eq!(held.len(), 1);
            assert_eq!((held[0].standing, held[0].consumer.as_str()), (expected, "scipy 1.17.1"), "{workload}");
        }
        let said = compared(
            &[claim("scipy/stale", &[], &[("dask.array", "slow")])],
            &[answer("scipy/stale", "float64-20", Verdict::Fails)],
            "compat:dask",
            "dask.array",
            &versions,
        );
        assert_eq!(said[0].says, "not supported (table): slow");
        assert_eq!(said[0].really, "fails at scipy/a.py:5: ValueError: no");
    }

    #[test]
    fn a_denial_of_which_one_case_fails_is_true() {
        let denied = claim("scipy/w", &[], &[("torch", "")]);
        let answers = [answer("scipy/w", "float64-20", Verdict::Works), answer("scipy/w", "float64-48", Verdict::Fails)];
        let held = compared(&[denied], &answers, "compat:torch", "torch", &BTreeMap::new());
        assert_eq!(held[0].standing, ClaimStanding::Agrees);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut claim = claim("scikit-learn/RidgeClassifier", &["torch"], &[("dask.array", "a \"reason\": {x}")]);
        claim.tag = Some(false);
        let written = text(std::slice::from_ref(&claim)).unwrap();
        let read: BTreeMap<String, Vec<Claim>> = serde_yaml::from_str(&written).unwrap();
        assert_eq!(read["claims"], [claim]);
        assert_eq!(read["claims"][0].says("torch").0, "supported (table)");
    }
}
