//! `consumers compare`: holds the replays of results files against what the real consumers do on the real libraries.

use std::collections::BTreeMap;

use array_assay_format::{Blocker, ConsumerCase, ReplayEnd, Results};

use super::package::{Answer, Verdict, exit};
use super::truth::{Reason, first_line, read, reasons};
use crate::cli;
use crate::exit::{Error, Exit};

/// The agreement of replays with the truth, for one library.
#[derive(Debug, Default, PartialEq, Eq)]
struct Agreement {
    /// Pairs that run, and whose replay ran.
    right: usize,
    /// Pairs that run, and whose replay accuses the library.
    accused: usize,
    /// Pairs that fail at a step that the replay names, at the same line of the consumer.
    at_line: usize,
    /// Pairs that fail, and whose replay names another line.
    elsewhere: usize,
    /// Pairs that fail, and whose replay does not.
    missed: usize,
    /// Pairs of which the replay says nothing: another path, a cut trace.
    open: usize,
    /// The pairs that are not right or at the line.
    disagreements: Vec<Disagreement>,
}

/// A pair of which a replay and the truth say different things, or of which the replay says nothing.
#[derive(Debug, PartialEq, Eq)]
struct Disagreement {
    workload: String,
    /// Whether the replay says nothing. It says why itself.
    open: bool,
    /// The disagreement, in words.
    says: String,
}

/// Runs the command.
pub fn run(options: &cli::CompareConsumers) -> Result<Exit, Error> {
    let mut total = Agreement::default();
    let reasons = reasons()?;
    for path in &options.results {
        let results = Results::read(path)?;
        let name = &results.header.backend.name;
        let truth = read(name)?.cases;
        let agreement = agreement(&results, &truth);
        print_line!("{name} {}: {}", results.header.backend.version, agreement.says());
        agreement.explained(name, &reasons).iter().for_each(|line| print_line!("  {line}"));
        total.add(agreement);
    }
    print_line!("in all: {}", total.says());
    Ok(exit(total.holds()))
}

fn agreement(results: &Results, truth: &[Answer]) -> Agreement {
    let truth: BTreeMap<(&str, &str), &Answer> = truth.iter().map(|a| ((a.workload.as_str(), a.case.as_str()), a)).collect();
    let mut out = Agreement::default();
    for check in &results.checks {
        let Some(record) = &check.consumer else { continue };
        for case in &record.cases {
            if let Some(answer) = truth.get(&(check.id.function.as_str(), case.name.as_str())) {
                out.enter(&check.id.function, case, answer);
            }
        }
    }
    out
}

impl Agreement {
    /// Enters a pair of a replay and the truth.
    fn enter(&mut self, workload: &str, case: &ConsumerCase, answer: &Answer) {
        let accuses = case.end == ReplayEnd::Wrong || !case.blockers.is_empty();
        let open = matches!(case.end, ReplayEnd::AnotherPath | ReplayEnd::Cut | ReplayEnd::NotJudged | ReplayEnd::Freedom) && !accuses;
        let first = case.blockers.first();
        let said = match first {
            Some(blocker) => format!("`{}` at {}: {}", blocker.statement, blocker.at, first_line(&blocker.message)),
            None => format!("{} {}", case.end, case.why),
        };
        let really = match answer.lines.last() {
            Some(line) => format!("{:?} at {line}: {}", answer.verdict, first_line(&answer.why)),
            None => format!("{:?} {}", answer.verdict, first_line(&answer.why)),
        };
        let disagrees = |what: &str| Disagreement {
            workload: workload.to_owned(),
            open: what == "open",
            says: format!("{workload} {}: {what}: replay {said}; really {really}", case.name),
        };
        match (answer.verdict.runs(), accuses, open) {
            (_, _, true) => {
                self.open += 1;
                self.disagreements.push(disagrees("open"));
            }
            (true, false, _) => self.right += 1,
            (true, true, _) => {
                self.accused += 1;
                self.disagreements.push(disagrees("accused"));
            }
            (false, false, _) => {
                self.missed += 1;
                self.disagreements.push(disagrees("missed"));
            }
            (false, true, _) if first.is_some_and(|first| same_line(first, answer)) => self.at_line += 1,
            (false, true, _) if case.end == ReplayEnd::Wrong && answer.verdict == Verdict::Differs => self.at_line += 1,
            (false, true, _) => {
                self.elsewhere += 1;
                self.disagreements.push(disagrees("another line"));
            }
        }
    }

    /// The disagreements on a library with their reasons, and the reasons that no disagreement has.
    fn explained(&self, library: &str, reasons: &[Reason]) -> Vec<String> {
        let of_library: Vec<&Reason> = reasons.iter().filter(|reason| reason.is_of(library, &reason.workload)).collect();
        let reason_of = |workload: &str| of_library.iter().find(|reason| reason.workload == workload);
        let line = |disagreement: &Disagreement| match (disagreement.open, reason_of(&disagreement.workload)) {
            (true, _) => disagreement.says.clone(),
            (false, Some(reason)) => format!("{}\n    because: {}", disagreement.says, reason.reason),
            (false, None) => format!("{}\n    because: not known; say why in backends/python/truth/reasons.yaml", disagreement.says),
        };
        let has = |workload: &str| self.disagreements.iter().any(|disagreement| !disagreement.open && disagreement.workload == workload);
        let idle = of_library.iter().filter(|reason| !has(&reason.workload));
        let idle = idle.map(|reason| format!("{}: reasons.yaml has a reason, and nothing disagrees", reason.workload));
        self.disagreements.iter().map(line).chain(idle).collect()
    }

    fn add(&mut self, other: Agreement) {
        self.right += other.right;
        self.accused += other.accused;
        self.at_line += other.at_line;
        self.elsewhere += other.elsewhere;
        self.missed += other.missed;
        self.open += other.open;
    }

    /// Whether at least 95 % of the failing pairs are named, 90 % of these at the line, and at most 2 % of the working pairs are accused.
    fn holds(&self) -> bool {
        let named = self.at_line + self.elsewhere;
        100 * named >= 95 * (named + self.missed)
            && 100 * self.at_line >= 90 * named
            && 100 * self.accused <= 2 * (self.right + self.accused)
    }

    fn says(&self) -> String {
        let named = self.at_line + self.elsewhere;
        format!(
            "of {} failing pairs {named} are named, {} of them at the line; of {} working pairs {} are accused; {} pairs are open",
            named + self.missed,
            self.at_line,
            self.right + self.accused,
            self.accused,
            self.open
        )
    }
}

/// Whether the real consumer was at the blocker's line when it failed. What fails only when a result is computed has no line, and neither
/// has a wrong result.
fn same_line(blocker: &Blocker, answer: &Answer) -> bool {
    answer.late || answer.lines.contains(&blocker.at)
}

#[cfg(test)]
mod tests {
    use array_assay_format::Cause;

    use super::*;

    fn case(end: ReplayEnd, at: Option<&str>) -> ConsumerCase {
        let blocker = |at: &str| Blocker {
            function: "zeros".to_owned(),
            at: at.to_owned(),
            via: None,
            statement: "r0 = zeros(n)".to_owned(),
            cause: Cause::Raised,
            message: "no".to_owned(),
            check: None,
        };
        let blockers = at.map(blocker).into_iter().collect();
        ConsumerCase { name: "float64-20".to_owned(), end, why: String::new(), statements: 1, leaves: BTreeMap::new(), blockers }
    }

    fn answer(verdict: Verdict, line: &str) -> Answer {
        let lines = vec!["sklearn/base.py:1".to_owned(), line.to_owned(), "dask/array.py:9".to_owned()];
        Answer { workload: "w".to_owned(), case: "float64-20".to_owned(), verdict, why: String::new(), lines, late: false }
    }

    #[test]
    fn a_replay_agrees_if_it_stops_where_the_consumer_does() {
        let mut agreement = Agreement::default();
        agreement.enter("w", &case(ReplayEnd::Blocked, Some("a.py:5")), &answer(Verdict::Fails, "a.py:5"));
        agreement.enter("w", &case(ReplayEnd::Right, None), &answer(Verdict::Works, "a.py:5"));
        agreement.enter("w", &case(ReplayEnd::Wrong, None), &answer(Verdict::Differs, "a.py:5"));
        assert!(agreement.disagreements.is_empty() && agreement.holds());
        agreement.enter("w", &case(ReplayEnd::Blocked, Some("a.py:6")), &answer(Verdict::Fails, "a.py:5"));
        agreement.enter("w", &case(ReplayEnd::Right, None), &answer(Verdict::Fails, "a.py:5"));
        agreement.enter("w", &case(ReplayEnd::Wrong, None), &answer(Verdict::Elsewhere, "a.py:5"));
        agreement.enter("w", &case(ReplayEnd::Cut, None), &answer(Verdict::Fails, "a.py:5"));
        let words: Vec<&str> = agreement.disagreements.iter().filter_map(|of| of.says.split(": ").nth(1)).collect();
        assert_eq!(words, ["another line", "missed", "accused", "open"]);
        assert!(!agreement.holds());
    }

    #[test]
    fn each_disagreement_has_a_reason_or_asks_for_one() {
        let mut agreement = Agreement::default();
        agreement.enter("w", &case(ReplayEnd::Right, None), &answer(Verdict::Fails, "a.py:5"));
        agreement.enter("v", &case(ReplayEnd::Right, None), &answer(Verdict::Fails, "a.py:5"));
        agreement.enter("cut", &case(ReplayEnd::Cut, None), &answer(Verdict::Fails, "a.py:5"));
        let reason = |workload: &str| Reason {
            workload: workload.to_owned(),
            libraries: vec!["jax".to_owned()],
            reason: "it carries another version".to_owned(),
        };
        let lines = agreement.explained("jax", &[reason("w"), reason("gone")]);
        assert!(lines[0].ends_with("because: it carries another version"), "{}", lines[0]);
        assert!(lines[1].contains("because: not known"), "{}", lines[1]);
        assert!(!lines[2].contains("because"), "a cut trace says why itself: {}", lines[2]);
        assert_eq!(lines[3], "gone: reasons.yaml has a reason, and nothing disagrees");
        let other = agreement.explained("numpy", &[reason("w")]);
        assert!(other[0].contains("because: not known") && other.len() == 3, "a reason is about its libraries alone: {other:?}");
    }
}
