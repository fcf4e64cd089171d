//! One replay: it runs a program, goes on behind each step that fails, and judges what comes out.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Blocker, Cause, CheckId, ConsumerCase, Property, ReplayEnd};
use array_assay_interface::{Outcome, Program, Scalar, Value};
use array_assay_spec::Spec;
use array_assay_spec::consumer::{Face, Given, Lowered, Origin};

use super::compare::deviation;
use super::difference;
use super::reference::{as_array, given, values};
use super::subject::{Replay, Subject};
use crate::gate::Baseline;
use crate::observed::Observed;
use crate::run::StartError;

/// A replay goes on behind so many steps that fail.
const MOST_BLOCKERS: usize = 25;

/// A step that failed.
struct Failed {
    step: Option<u32>,
    cause: Cause,
    message: String,
}

impl Replay<'_> {
    /// Runs the program, and returns what came of it.
    pub fn run(&self, subject: &mut Subject<'_>) -> Result<ConsumerCase, StartError> {
        let mut given: BTreeMap<usize, Vec<Option<Given>>> = BTreeMap::new();
        let mut blockers: Vec<Blocker> = Vec::new();
        loop {
            let lowered = match self.trace.lower(self.case, self.face, &subject.device, &given, usize::MAX) {
                Ok(lowered) => lowered,
                Err((at, why)) => {
                    return Ok(self.ended(ReplayEnd::NotJudged, format!("{}: {why}", self.trace.statements[at].text), blockers));
                }
            };
            let (program, results) = self.program(&lowered);
            let observed = subject.supervisor.run_one(&program)?;
            let failed = failed(&observed);
            let until = failed.as_ref().and_then(|failed| failed.step).map_or(usize::MAX, |step| lowered.origins[step as usize]);
            if let Some(at) = self.leaves_path(&lowered, observed.values(), until) {
                let statement = &self.trace.statements[at];
                let why = format!("`{}` decides otherwise at {}", statement.text, statement.at);
                let (end, why) = difference::explained(self, subject, &given, at)?.unwrap_or((ReplayEnd::AnotherPath, why));
                return Ok(self.ended(end, why, blockers));
            }
            let Some(failed) = failed else {
                return self.judged(subject, &given, &observed.values()[lowered.branches.len()..], &results, blockers);
            };
            let at = match failed.step {
                Some(step) => Some((lowered.origins[step as usize], program.steps[step as usize].function.clone())),
                None => self.fault_of_process(subject, &lowered)?,
            };
            let Some((at, function)) = at else {
                return Ok(self.ended(ReplayEnd::NotJudged, failed.message, blockers));
            };
            // What fails may be a consequence of an earlier result that the standard allows. A library that computes later would have to
            // compute every result for this question, and one that compiles would compile each part of the program.
            if blockers.is_empty()
                && self.face == Face::Eager
                && failed.cause == Cause::Raised
                && let Some((end @ ReplayEnd::Freedom, why)) = difference::explained(self, subject, &given, at)?
            {
                return Ok(self.ended(end, format!("{why}; then `{}` fails", self.trace.statements[at].text), blockers));
            }
            blockers.push(self.blocker(at, function, &failed, subject.known));
            let next = if blockers.len() < MOST_BLOCKERS && !given.contains_key(&at) { self.elsewhere(&given, at) } else { None };
            let Some(values) = next else { return Ok(self.ended(ReplayEnd::Blocked, String::new(), blockers)) };
            given.insert(at, values);
        }
    }

    /// The program that returns what decides branches, and then the results. With it, the names of these results.
    fn program(&self, lowered: &Lowered) -> (Program, Vec<String>) {
        let mut returns: Vec<u32> = lowered.branches.iter().map(|branch| branch.register).collect();
        let mut results = Vec::new();
        for (name, origin) in &self.trace.returns {
            if let Some(register) = lowered.register(origin) {
                returns.push(register);
                results.push(name.clone());
            }
        }
        (Program { returns, ..lowered.program.clone() }, results)
    }

    /// The statement at which the library's values lead the consumer another way, if there is one before statement `until`.
    fn leaves_path(&self, lowered: &Lowered, values: &[Value], until: usize) -> Option<usize> {
        let decided = lowered.branches.iter().zip(values).filter(|(branch, _)| branch.statement < until);
        let mut other = decided.filter(|(branch, value)| !matches!(value, Value::Scalar(Scalar::Bool(v)) if *v == branch.value));
        other.next().map(|(branch, _)| branch.statement)
    }

    /// Judges the results of a program that ran.
    fn judged(
        &self,
        subject: &mut Subject<'_>,
        given: &BTreeMap<usize, Vec<Option<Given>>>,
        values: &[Value],
        results: &[String],
        blockers: Vec<Blocker>,
    ) -> Result<ConsumerCase, StartError> {
        if !blockers.is_empty() {
            return Ok(self.ended(ReplayEnd::Blocked, String::new(), blockers));
        }
        if let Some(why) = &self.trace.cut {
            return Ok(self.ended(ReplayEnd::Cut, why.clone(), blockers));
        }
        for (name, value) in results.iter().zip(values) {
            let Some(want) = self.case.expect.get(name) else { continue };
            let free = self.case.free_signs.contains(name);
            let wrong = match as_array(value) {
                Some(got) => deviation(&got, want, self.case.rtol, free),
                None => Some(format!("it is no array: {value:?}")),
            };
            if let Some(why) = wrong {
                let why = format!("{name}: {why}");
                let (end, why) = match difference::explained(self, subject, given, self.trace.statements.len())? {
                    Some((end, first)) => (end, format!("{why}; {first}")),
                    // No statement differs from the reference.
                    None if difference::reference_differs(self, &subject.device, given) => {
                        (ReplayEnd::Freedom, format!("{why}; the reference gives another result too, and nothing differs from it"))
                    }
                    None => (ReplayEnd::Wrong, why),
                };
                return Ok(self.ended(end, why, blockers));
            }
        }
        let hosts: BTreeSet<&str> =
            self.trace.returns.iter().filter(|(_, origin)| !matches!(origin, Origin::Register(_))).map(|(name, _)| name.as_str()).collect();
        if results.is_empty() {
            return Ok(self.ended(
                ReplayEnd::Host,
                format!("the consumer makes {} on the host", hosts.into_iter().collect::<Vec<_>>().join(", ")),
                blockers,
            ));
        }
        Ok(self.ended(ReplayEnd::Right, String::new(), blockers))
    }

    /// The statement that ends or blocks the process: the last one of the shortest program that still does so. `None` if no program does so
    /// again.
    fn fault_of_process(&self, subject: &mut Subject<'_>, lowered: &Lowered) -> Result<Option<(usize, String)>, StartError> {
        let faulty = |length: usize, subject: &mut Subject<'_>| -> Result<bool, StartError> {
            let steps = lowered.program.steps[..length].to_vec();
            let observed = subject.supervisor.run_one(&Program { steps, returns: Vec::new(), ..lowered.program.clone() })?;
            Ok(!matches!(observed, Observed::Outcome(_)))
        };
        let (mut works, mut fails) = (0, lowered.program.steps.len());
        if !faulty(fails, subject)? {
            return Ok(None);
        }
        while fails - works > 1 {
            let middle = works + (fails - works) / 2;
            if faulty(middle, subject)? {
                fails = middle;
            } else {
                works = middle;
            }
        }
        Ok(Some((lowered.origins[fails - 1], lowered.program.steps[fails - 1].function.clone())))
    }

    /// What the reference has after a statement.
    fn elsewhere(&self, known: &BTreeMap<usize, Vec<Option<Given>>>, at: usize) -> Option<Vec<Option<Given>>> {
        let lowered = self.trace.lower(self.case, Face::Eager, "cpu", known, at + 1).ok()?;
        let registers: Vec<u32> = lowered.after(at).iter().flatten().copied().collect();
        let mut made = values(&lowered.program, &registers).ok()?.into_iter();
        let after = lowered.after(at).iter().map(|register| register.and_then(|_| made.next()).as_ref().and_then(given));
        let after: Vec<Option<Given>> = after.collect();
        (after.iter().all(Option::is_some)).then_some(after)
    }

    fn blocker(&self, at: usize, function: String, failed: &Failed, known: &Baseline) -> Blocker {
        let statement = &self.trace.statements[at];
        Blocker {
            check: known_check(&function, known),
            function,
            at: statement.at.clone(),
            via: statement.via.clone(),
            statement: statement.text.clone(),
            cause: failed.cause,
            message: failed.message.chars().take(300).collect(),
        }
    }

    fn ended(&self, end: ReplayEnd, why: String, blockers: Vec<Blocker>) -> ConsumerCase {
        ConsumerCase {
            name: self.case.name.clone(),
            end,
            why,
            statements: self.trace.statements.len() as u64,
            leaves: self.trace.leaves.clone(),
            blockers,
        }
    }
}

/// How a program failed. `None` if it ran.
fn failed(observed: &Observed) -> Option<Failed> {
    let of = |step, cause, message: &str| Some(Failed { step, cause, message: message.to_owned() });
    match observed {
        Observed::Outcome(Outcome::Values(_) | Outcome::Joined { .. }) => None,
        Observed::Outcome(Outcome::Raised { exception, step, .. }) => {
            of(*step, Cause::Raised, &format!("{}: {}", exception.type_name, exception.message))
        }
        Observed::Outcome(Outcome::Missing { name, step, .. }) => of(*step, Cause::MissingName, &format!("there is no `{name}`")),
        Observed::Outcome(Outcome::Unsupported { capability, step, .. }) => {
            of(*step, Cause::Unsupported, &format!("it lacks {capability}"))
        }
        Observed::Crashed(how) => of(None, Cause::Crashed, how),
        Observed::TimedOut => of(None, Cause::TimedOut, "it did not end in time"),
        Observed::OutOfMemory => of(None, Cause::OutOfMemory, "it exceeded the memory limit"),
        Observed::Breached(why) => of(None, Cause::Protocol, why),
        Observed::Skipped => of(None, Cause::TimedOut, "it was given up"),
    }
}

/// The check by which the library is known to deviate in calls of a function.
fn known_check(path: &str, known: &Baseline) -> Option<CheckId> {
    let functions = Spec::embedded().with_gaps().filter(|function| function.path() == path);
    let ids = functions.flat_map(|function| [Property::Present, Property::Call].map(|property| function.check_id(property, None)));
    let mut ids: Vec<CheckId> = ids.collect();
    ids.retain(|id| known.deviations.iter().any(|entry| entry.check.include(id)));
    (!ids.is_empty()).then(|| ids.remove(0))
}
