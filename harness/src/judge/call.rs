//! One outcome of a call that is not element-wise: which checks of the function hold.

use std::collections::BTreeMap;

use array_assay_format::{Cause, Level, Property, Revision, Verdict};
use array_assay_interface::{Array, Element, Outcome, Program, Scalar, Value};
use array_assay_oracle::call::{Expectation, Given};
use array_assay_spec::checks::{ACCURACY, APPROXIMATE, CheckDefinition, STRUCTURE, TUPLE, earlier_slug};
use array_assay_spec::{Domain, ElementCondition, Function, Raise};

use super::demand::{Demand, Fact, Is, Number, Where, index_of, of_call, unchanged};
use super::element::{agree, flush, has_subnormal};
use super::expectation::{self, Findings, Mismatch};
use super::kind::{self, Kinds};
use super::outcome::{NoResult, Observed, judge_purity, result_of};
use super::tally::{Failure, Tally};
use crate::generate::{CallCase, CallStream, Losses};

/// Counts of the checks of one function, by check and cell.
#[derive(Debug, Clone, Default)]
pub struct CallTally {
    cells: Vec<CallCell>,
    tallies: Vec<Vec<Tally>>,
    /// By clause of the function, how many judged cases met its condition.
    exercised: Vec<u64>,
}

/// A cell: what it is called, when it counts from, and a combination of dtypes from which cases of it are drawn.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct CallCell {
    pub label: String,
    pub since: Revision,
    pub combination: usize,
}

/// A case that was run.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Ran<'r, 'a> {
    pub index: u64,
    pub combination: usize,
    pub case: &'r CallCase<'a>,
    pub program: &'r Program,
    pub observed: &'r Observed,
}

/// Judges outcomes of one function's calls.
pub struct CallJudge<'a> {
    function: &'a Function,
    stream: &'a CallStream<'a>,
    checks: Vec<CheckDefinition>,
    capabilities: &'a BTreeMap<String, bool>,
}

impl CallTally {
    /// The tally of a check on a cell.
    pub fn at(&mut self, check: usize, cell: usize) -> &mut Tally {
        let tallies = &mut self.tallies[check];
        if tallies.len() <= cell {
            tallies.resize(cell + 1, Tally::default());
        }
        &mut tallies[cell]
    }

    /// All tallies of a check, with their cells.
    pub fn of(&self, check: usize) -> impl Iterator<Item = (&CallCell, &Tally)> {
        self.cells.iter().zip(&self.tallies[check])
    }

    /// How many judged cases met the condition of a clause of the function.
    pub fn exercised(&self, clause: usize) -> u64 {
        self.exercised[clause]
    }

    /// Whether something deviates, and no process died or hung.
    fn is_excusable(&self) -> bool {
        let mut failures = self.tallies.iter().flatten().filter_map(|tally| tally.first.as_ref()).peekable();
        failures.peek().is_some() && failures.all(|failure| matches!(failure.verdict, Verdict::Fail | Verdict::Missing))
    }

    /// The index of a cell; combinations of the same dtypes in another order are one.
    fn cell(&mut self, wanted: CallCell) -> usize {
        self.cells.iter().position(|cell| cell.label == wanted.label).unwrap_or_else(|| {
            self.cells.push(wanted);
            self.cells.len() - 1
        })
    }
}

impl<'a> CallJudge<'a> {
    /// The judge of a stream's function; `capabilities` are those that the worker declared.
    pub fn new(stream: &'a CallStream<'a>, capabilities: &'a BTreeMap<String, bool>) -> CallJudge<'a> {
        CallJudge { function: stream.function, stream, checks: stream.function.checks(), capabilities }
    }

    /// All checks of the function.
    pub fn checks(&self) -> &[CheckDefinition] {
        &self.checks
    }

    /// An empty tally.
    pub fn tally(&self) -> CallTally {
        CallTally { cells: Vec::new(), tallies: vec![Vec::new(); self.checks.len()], exercised: vec![0; self.function.clauses.len()] }
    }

    /// The cell of a case, in a tally.
    pub fn cell(&self, combination: usize, case: &CallCase<'_>, tally: &mut CallTally) -> usize {
        tally.cell(self.stream.cell(combination, case))
    }

    /// The check of a property that a case counts for: one split from it, or the plain one.
    fn check_of(&self, property: Property, case: &CallCase<'_>) -> Option<usize> {
        self.check_among(property, case, &case.aspects)
    }

    /// The same where the case is taken to fulfil the conditions of these aspects.
    fn check_among(&self, property: Property, case: &CallCase<'_>, aspects: &[usize]) -> Option<usize> {
        let slug = |slug: Option<&str>| self.checks.iter().position(|c| c.id.property == property && c.id.slug.as_deref() == slug);
        let mut parameters = self.function.parameters.iter().filter(|p| p.since.is_some());
        if let Some(later) = parameters.find(|p| case.call.argument(&p.name).is_some()) {
            return slug(Some(&later.name));
        }
        let split = |p: Property| aspects.iter().map(|i| &self.function.aspects[*i]).find(|a| a.properties.contains(&p));
        // A special case takes the value's place.
        let special = split(Property::Special).filter(|_| property == Property::Value);
        match (special, split(property)) {
            (Some(aspect), _) => {
                self.checks.iter().position(|c| c.id.property == Property::Special && c.id.slug.as_ref() == Some(&aspect.slug))
            }
            (None, Some(aspect)) => slug(Some(&aspect.slug)),
            (None, None) => slug(None),
        }
    }

    /// The check of a value that a case counts for: an approximation has one of its own where the function is exact on other dtypes.
    fn value_check(&self, case: &CallCase<'_>, aspects: &[usize]) -> Option<usize> {
        let check = self.check_among(Property::Value, case, aspects)?;
        let definition = &self.checks[check];
        let demanded = definition.level == Level::Must && definition.id.property == Property::Value;
        let of = |slug: &str| self.checks.iter().position(|c| c.id.property == Property::Value && c.id.slug.as_deref() == Some(slug));
        Some(of(APPROXIMATE).filter(|_| demanded && case.expectation.is_approximate()).unwrap_or(check))
    }

    fn structure_check(&self) -> Option<usize> {
        self.checks.iter().position(|c| c.id.property == Property::Value && c.id.slug.as_deref() == Some(STRUCTURE))
    }

    fn accuracy_check(&self) -> Option<usize> {
        self.checks.iter().position(|c| c.id.property == Property::Value && c.id.slug.as_deref() == Some(ACCURACY))
    }

    /// The check whose accuracy the grades of a case are; none where its value is the matter of a check of its own and is wrong: what
    /// memory holds that nobody wrote is no measure of accuracy.
    fn graded_check(&self, own: Option<usize>, findings: &Findings) -> Option<usize> {
        if own.is_none_or(|own| self.checks[own].id.slug.is_none()) {
            return self.accuracy_check().or(own);
        }
        let is_wrong = |(property, mismatch): (Property, Option<&Mismatch>)| {
            property == Property::Value && mismatch.is_some_and(|mismatch| mismatch.cause == Cause::WrongValue)
        };
        own.filter(|_| !findings.iter().any(is_wrong))
    }

    fn tuple_check(&self) -> Option<usize> {
        self.checks.iter().position(|c| c.id.property == Property::Type && c.id.slug.as_deref() == Some(TUPLE))
    }

    /// Whether the type of a case is judged by a clause that asks for a tuple, of which a list is none.
    fn tells_tuples(&self, case: &CallCase<'_>) -> bool {
        let split = case.aspects.iter().map(|i| &self.function.aspects[*i]).find(|a| a.properties.contains(&Property::Type));
        split.is_some_and(|aspect| aspect.slug == TUPLE && self.function.result.tuple.is_none())
    }

    /// The check of the call itself that a case counts for.
    pub fn call_check(&self, case: &CallCase<'_>) -> Option<usize> {
        self.check_of(Property::Call, case)
    }

    /// Judges what came of a case.
    pub fn judge(&self, ran: &Ran<'_, '_>, tally: &mut CallTally) {
        if let Some(why) = ran.case.nominal {
            // What goes wrong with a dtype that the library has by name alone is no deviation of its own.
            let mut alone = self.tally();
            self.judge_all(ran, &mut alone);
            if alone.is_excusable() {
                let cell = self.cell(ran.combination, ran.case, tally);
                if let Some(check) = self.check_of(Property::Call, ran.case) {
                    tally.at(check, cell).excuse(why);
                }
                return;
            }
        }
        self.judge_all(ran, tally);
    }

    fn judge_all(&self, ran: &Ran<'_, '_>, tally: &mut CallTally) {
        let Ran { index, combination, case, program, observed } = *ran;
        let cell = self.cell(combination, case, tally);
        let enter = |property: Property, verdict: Verdict, mismatch: Option<Mismatch>, tally: &mut CallTally| {
            if let Some(check) = self.check_of(property, case) {
                settle(tally.at(check, cell), index, verdict, mismatch);
            }
        };
        let attributes = self.function.result.attributes.len();
        // The call gave a result, of which the device could not be asked.
        let no_device = no_device(case, program, observed).filter(|(values, _)| values.len() == 1 + attributes);
        let result = no_device.as_ref().map_or_else(|| result_of(self.capabilities, program, observed), |(values, _)| Ok(values));
        let values = match result {
            Ok(values) => values,
            Err(NoResult::Skipped) => {
                if let Some(check) = self.check_of(Property::Call, case) {
                    tally.at(check, cell).skipped += 1;
                }
                return self.mark_due(case, cell, tally);
            }
            Err(NoResult::NotPrepared(why)) => {
                if let Some(check) = self.check_of(Property::Call, case) {
                    tally.at(check, cell).unprepared.get_or_insert(why);
                }
                return self.mark_due(case, cell, tally);
            }
            Err(NoResult::Fault((Cause::Raised, ..))) if case.refusable => return,
            Err(NoResult::Fault((cause, verdict, got))) => {
                if let Some(why) = self.permitted(case, cause, observed) {
                    if let Some(check) = self.check_of(Property::Call, case) {
                        tally.at(check, cell).excuse(why);
                    }
                    return;
                }
                let kinds = kind::of_fault(observed);
                let mismatch = Mismatch { cause, expected: "a result".to_owned(), got, element: None, kinds, demanded: false };
                enter(Property::Call, verdict, Some(mismatch), tally);
                return self.mark_due(case, cell, tally);
            }
        };
        let devices = if case.call.returns_devices { 1 + usize::from(!program.inputs.is_empty()) } else { 0 };
        let Some((returned, observed)) = values.split_first().filter(|_| no_device.is_some() || values.len() == program.returns.len())
        else {
            let got = format!("{} values for {} registers", values.len(), program.returns.len());
            let kinds = Kinds::new();
            let mismatch = Mismatch { cause: Cause::Protocol, expected: "a result".to_owned(), got, element: None, kinds, demanded: false };
            return enter(Property::Call, Verdict::Crash, Some(mismatch), tally);
        };
        enter(Property::Call, Verdict::Fail, None, tally);
        case.clauses.iter().for_each(|clause| tally.exercised[*clause] += 1);
        let (attributes, rest) = observed.split_at(attributes.min(observed.len()));
        let (devices, inputs) = rest.split_at(devices.min(rest.len()));
        let findings = self.findings(case, returned, attributes);
        if !findings.hold() {
            // What is wrong with the container leaves the elements unjudged.
            self.mark_due(case, cell, tally);
        }
        let no_tuple = self.tells_tuples(case) && matches!(returned, Value::List(_));
        for (property, mismatch) in findings.iter().filter(|(property, _)| *property != Property::Value) {
            if let (true, Property::Type, None) = (no_tuple, property, mismatch) {
                enter(property, Verdict::Fail, Some(no_tuple_but(returned)), tally);
                continue;
            }
            // The dtype that the revision in force asks for is judged where its rule begins.
            enter(property, Verdict::Fail, mismatch.cloned(), tally);
        }
        match self.apart(case, returned) {
            None => self.settle_value(&findings, ran, cell, &case.aspects, tally),
            Some(Apart { aspects, of_condition, others }) => {
                // What a condition on elements does not speak of counts as if it were not fulfilled.
                if let Some(value) = of_condition {
                    self.settle_value(&self.findings(case, &value, attributes), ran, cell, &case.aspects, tally);
                }
                self.settle_value(&self.findings(case, &others, attributes), ran, cell, &aspects, tally);
            }
        }
        if let (Some(_), Some(check)) = (self.function.result.tuple, self.tuple_check()) {
            let is_tuple = matches!(returned, Value::Tuple(_) | Value::NamedTuple(_));
            settle(tally.at(check, cell), index, Verdict::Fail, (!is_tuple).then(|| no_tuple_but(returned)));
        }
        match no_device {
            // What is no array need not tell it.
            Some((_, mismatch)) if findings.iter().all(|(property, mismatch)| property != Property::Type || mismatch.is_none()) => {
                enter(Property::Device, Verdict::Fail, Some(mismatch), tally);
            }
            Some(_) => {}
            None => {
                if let Some(mismatch) = self.device(case, devices) {
                    enter(Property::Device, Verdict::Fail, mismatch, tally);
                }
            }
        }
        for (until, dtype) in &case.earlier {
            let slug = earlier_slug(*until);
            let check = self.checks.iter().position(|c| c.id.property == Property::Dtype && c.id.slug.as_ref() == Some(&slug));
            if let (Some(check), Value::Array(array) | Value::ArrayScalar { array, .. }) = (check, returned) {
                let (expected, got) = (format!("dtype {dtype}"), format!("dtype {}", array.dtype));
                let kinds = kind::one(array.dtype.name());
                let wrong = Mismatch { cause: Cause::WrongDtype, expected, got, element: None, kinds, demanded: false };
                settle(tally.at(check, cell), index, Verdict::Fail, (array.dtype != *dtype).then_some(wrong));
            }
        }
        if let Some(check) = self.checks.iter().position(|c| c.id.property == Property::Pure) {
            let changed = usize::from(self.function.result.mutates.is_some());
            judge_purity(index, case.call.arrays().into_iter().skip(changed), inputs, tally.at(check, cell));
        }
    }

    /// Enters what was found of a value; `aspects` are those whose conditions are fulfilled.
    fn settle_value(&self, findings: &Findings, ran: &Ran<'_, '_>, cell: usize, aspects: &[usize], tally: &mut CallTally) {
        let Ran { index, case, .. } = *ran;
        let value = self.value_check(case, aspects);
        if let Some(check) = self.graded_check(value, findings) {
            findings.grades.iter().for_each(|grade| tally.at(check, cell).grade(grade, case.call.class));
        }
        for (_, mismatch) in findings.iter().filter(|(property, _)| *property == Property::Value) {
            if let Some(structure) = self.structure_check() {
                let broken = mismatch.filter(|mismatch| mismatch.demanded);
                settle(tally.at(structure, cell), index, Verdict::Fail, broken.cloned());
                if broken.is_some() {
                    continue;
                }
            }
            let inaccurate = mismatch.filter(|mismatch| mismatch.cause == Cause::Inaccurate);
            let mut own = mismatch;
            if let Some(accuracy) = self.accuracy_check().filter(|_| mismatch.is_none() || inaccurate.is_some()) {
                settle(tally.at(accuracy, cell), index, Verdict::Fail, inaccurate.cloned());
                own = None;
            }
            if let Some(check) = value {
                settle(tally.at(check, cell), index, Verdict::Fail, own.cloned());
            }
        }
    }

    /// The result where an aspect of the case speaks of some elements alone; `None` where none does, or where the result is no such array.
    fn apart(&self, case: &CallCase<'_>, returned: &Value) -> Option<Apart> {
        let of_elements = |i: &usize| self.function.aspects[*i].elements == Some(ElementCondition::Nan);
        if !case.aspects.iter().any(of_elements) {
            return None;
        }
        let (Value::Array(got) | Value::ArrayScalar { array: got, .. }) = returned else { return None };
        let Some(Value::Array(want)) = case.expectation.example() else { return None };
        let (x, reduced) = case.call.reduced(self.function)?;
        if got.dtype != want.dtype || got.shape != want.shape {
            return None;
        }
        let meant = with_nan(x, &reduced);
        if meant.len() != got.len() {
            return None;
        }
        let pick = |of: bool| {
            let elements = meant.iter().enumerate().map(|(i, is)| if *is == of { got.get(i) } else { want.get(i) });
            Value::Array(Array::from_elements(got.dtype, got.shape.clone(), elements))
        };
        let aspects = case.aspects.iter().copied().filter(|i| !of_elements(i)).collect();
        (!meant.iter().all(|is| *is)).then(|| Apart {
            aspects,
            of_condition: meant.contains(&true).then(|| pick(true)),
            others: pick(false),
        })
    }

    /// Marks the checks for which a case should count, so that those for which none does are not forgotten.
    fn mark_due(&self, case: &CallCase<'_>, cell: usize, tally: &mut CallTally) {
        let mut properties = expectation::properties(&case.expectation);
        properties.insert(Property::Call);
        for check in properties.into_iter().filter_map(|property| self.check_of(property, case)) {
            tally.at(check, cell).due = true;
        }
    }

    /// Why a library may give no result for a call, if it may.
    fn permitted(&self, case: &CallCase<'a>, cause: Cause, observed: &Observed) -> Option<&'a str> {
        let refused = matches!(cause, Cause::Raised | Cause::MissingName | Cause::MissingKeyword);
        case.excused.filter(|_| refused).or_else(|| match observed {
            Observed::Outcome(Outcome::Raised { exception, .. }) => {
                let mut classes = self.stream.refusals().filter(|class| exception.is(class) == Some(true));
                classes.next().map(|_| "the library refuses it by an exception that the standard permits for any such call")
            }
            _ => None,
        })
    }

    /// What a program has to give whose case deviates in this way from a check: the values that came back say what is wrong.
    pub fn demand(&self, check: usize, case: &CallCase<'_>, program: &Program, values: &[Value], failure: &Failure) -> Option<Demand> {
        let id = &self.checks[check].id;
        let fact = |register: &u32, is: Is| Some(Demand::Fact(Fact { of: Where::of(*register), is }));
        let attributes = self.function.result.attributes.len();
        match (id.property, failure.cause) {
            (Property::Raises, Cause::NotRaised) => Some(Demand::Exception(None)),
            (Property::Raises, Cause::WrongType) => Some(Demand::Exception(Some(failure.expected.clone()))),
            (Property::Copy, Cause::Aliased) => {
                let [Value::Array(input), Value::Array(result)] = values else { return None };
                let before = case.call.arrays().into_iter().next()?;
                // What was to be copied changed with its copy, or what was to be shared did not.
                let want = if self.must_copy(case) { before } else { result };
                let differs = (0..input.len().min(want.len())).find(|i| !want.get(*i).same_bits(input.get(*i)))?;
                let is = Is::Element(index_of(differs, &input.shape), input.dtype, vec![Number::of(want.get(differs), false)]);
                fact(program.returns.first()?, is)
            }
            (Property::Pure, Cause::MutatedInput) => {
                let changed = usize::from(self.function.result.mutates.is_some());
                let before = values.len().checked_sub(case.call.arrays().len() - changed)?;
                let inputs = case.call.arrays().into_iter().skip(changed);
                unchanged(inputs, values.get(before..)?, program.returns.get(before..)?)
            }
            (_, Cause::WrongDevice) => {
                let (result, input) = (program.returns.get(1 + attributes)?, program.returns.get(2 + attributes));
                match (self.device_asked(case), input) {
                    (Some(name), _) => fact(result, Is::Device(vec![name])),
                    (None, input) => fact(result, Is::SameAs(*input?)),
                }
            }
            (Property::Type, _) if id.slug.as_deref() == Some(TUPLE) => fact(program.returns.first()?, Is::Tuple),
            (Property::Dtype, Cause::WrongDtype)
                if id.slug.as_ref().is_some_and(|slug| case.earlier.iter().any(|(until, _)| earlier_slug(*until) == *slug)) =>
            {
                let earlier = case.earlier.iter().find(|(until, _)| id.slug.as_ref() == Some(&earlier_slug(*until)));
                fact(program.returns.first()?, Is::OfDtype(earlier?.1))
            }
            (property, Cause::WrongValue | Cause::Inaccurate | Cause::WrongDtype | Cause::WrongShape | Cause::WrongType) => {
                of_call(&case.expectation, program, (values, attributes), property, failure.cause)
            }
            _ => Some(Demand::Result),
        }
    }

    /// Whether a call asks for a copy.
    fn must_copy(&self, case: &CallCase<'_>) -> bool {
        case.call.arguments.iter().any(|(name, given)| {
            let of = self.function.parameters.iter().find(|p| p.name == *name);
            of.is_some_and(|p| matches!(p.domain, Domain::Copy {})) && *given == Given::Scalar(Scalar::Bool(true))
        })
    }

    /// The device that a call asks for.
    fn device_asked(&self, case: &CallCase<'_>) -> Option<String> {
        self.function.parameters.iter().find_map(|p| match case.call.argument(&p.name) {
            Some(Given::Device(name)) => Some(name.clone()),
            _ => None,
        })
    }

    /// Judges what came of a call that has to raise.
    pub fn judge_raise(&self, ran: &Ran<'_, '_>, raise: &Raise, tally: &mut CallTally) {
        let Ran { index, combination, case, program, observed } = *ran;
        let cell = tally.cell(self.stream.spoilt_cell(combination, case));
        let check_of =
            |slug: &str| self.checks.iter().position(|c| c.id.property == Property::Raises && c.id.slug.as_deref() == Some(slug));
        let Some(check) = check_of(&raise.slug) else { return };
        let own = tally.at(check, cell);
        let mut fail = |cause, verdict, got: String, kinds| {
            own.fail(Failure { index, element: None, cause, expected: "an exception".to_owned(), got, verdict, kinds });
        };
        match result_of(self.capabilities, program, observed) {
            Ok(values) => {
                let got = values.first().map_or_else(|| "nothing".to_owned(), ToString::to_string);
                fail(
                    Cause::NotRaised,
                    Verdict::Fail,
                    got,
                    values.first().map_or_else(Kinds::new, |value| kind::one(kind::of_value(value))),
                );
            }
            Err(NoResult::Fault((Cause::Raised, _, got))) => {
                own.pass();
                if let (Some(class), Observed::Outcome(Outcome::Raised { exception, .. })) = (&raise.class, observed)
                    && let (Some(check), Some(is)) = (check_of(&raise.class_slug()), exception.is(class))
                {
                    let kinds = kind::one(exception.type_name.clone());
                    let another = Mismatch { cause: Cause::WrongType, expected: class.clone(), got, element: None, kinds, demanded: false };
                    settle(tally.at(check, cell), index, Verdict::Fail, (!is).then_some(another));
                }
            }
            // A name that is missing is the matter of other checks.
            Err(NoResult::Fault((Cause::MissingName, _, why)) | NoResult::NotPrepared(why)) => {
                own.due = true;
                own.unprepared.get_or_insert(why);
            }
            Err(NoResult::Skipped) => own.skipped += 1,
            Err(NoResult::Fault((cause, verdict, got))) => fail(cause, verdict, got, kind::of_fault(observed)),
        }
    }

    /// Judges whether a call copied as it was told to, from its input and its result after the latter was overwritten.
    pub fn judge_copy(&self, ran: &Ran<'_, '_>, tally: &mut CallTally) {
        let Ran { index, combination, case, program, observed } = *ran;
        let cell = self.cell(combination, case, tally);
        let Some(check) = self.checks.iter().position(|c| c.id.property == Property::Copy) else { return };
        let tally = tally.at(check, cell);
        tally.due = true;
        let must_copy = self.must_copy(case);
        let mut fail = |cause, verdict, expected: &str, got: String, kinds| {
            tally.fail(Failure { index, element: None, cause, expected: expected.to_owned(), got, verdict, kinds });
        };
        let (input, result) = match result_of(self.capabilities, program, observed) {
            Ok([Value::Array(input), Value::Array(result)]) => (input, result),
            // What is no array is the matter of other checks.
            Ok(_) => return,
            Err(NoResult::Fault((cause @ Cause::Raised, ..))) if self.permitted(case, cause, observed).is_some() => return,
            Err(NoResult::Fault((Cause::Raised, _, got))) if must_copy => {
                return fail(Cause::Raised, Verdict::Fail, "a copy", got, kind::of_fault(observed));
            }
            // What must not copy may raise instead.
            Err(NoResult::Fault((Cause::Raised, ..))) => return tally.pass(),
            Err(NoResult::Fault((Cause::MissingName, _, why)) | NoResult::NotPrepared(why)) => {
                tally.unprepared.get_or_insert(why);
                return;
            }
            Err(NoResult::Skipped) => {
                tally.skipped += 1;
                return;
            }
            Err(NoResult::Fault((cause, verdict, got))) => return fail(cause, verdict, "a result", got, kind::of_fault(observed)),
        };
        let before = case.call.arrays().into_iter().next();
        if must_copy && Some(input) != before {
            let expected = "the input as it was, after the copy was overwritten";
            fail(Cause::Aliased, Verdict::Fail, expected, input.to_string(), kind::one("memory is shared"));
        } else if !must_copy && input.data != result.data {
            let expected = "the input overwritten with the result, for they share memory";
            fail(Cause::Aliased, Verdict::Fail, expected, format!("{input} beside the result {result}"), kind::one("a copy"));
        } else {
            tally.pass();
        }
    }

    /// What deviates from the expectation; what agrees once subnormal numbers are taken as zero is right.
    fn findings(&self, case: &CallCase<'_>, returned: &Value, attributes: &[Value]) -> Findings {
        let findings = expectation::judge(&case.expectation, returned, attributes);
        if findings.hold() {
            return findings;
        }
        let flushed = case.call.flushed().and_then(|call| self.stream.expectation(&call).ok());
        let zeroed = flushed.as_ref().map(|expectation| expectation::judge(expectation, returned, attributes)).filter(Findings::hold);
        let in_part = || {
            let restored = restored(&case.expectation, flushed.as_ref(), returned)?;
            Some(expectation::judge(&case.expectation, &restored, attributes)).filter(Findings::hold)
        };
        let with_signs = || {
            let signed = with_signs_of_zeros(&case.expectation.example()?, returned, &self.stream.pool().losses)?;
            Some(expectation::judge(&case.expectation, &signed, attributes)).filter(Findings::hold)
        };
        zeroed.or_else(in_part).or_else(with_signs).unwrap_or(findings)
    }

    /// What deviates in the device of the result, where it was observed.
    fn device(&self, case: &CallCase<'_>, devices: &[Value]) -> Option<Option<Mismatch>> {
        let (result, input) = devices.split_first()?;
        let wanted = self.device_asked(case).map(|name| vec![name]).or_else(|| match input.first() {
            Some(Value::Device(names)) => Some(names.clone()),
            _ => None,
        })?;
        let same = matches!(result, Value::Device(names) if names.iter().any(|name| wanted.contains(name)));
        Some((!same).then(|| Mismatch {
            cause: Cause::WrongDevice,
            expected: format!("device {}", wanted.join(" = ")),
            got: result.to_string(),
            element: None,
            kinds: Kinds::new(),
            demanded: true,
        }))
    }
}

/// A result of which some elements alone fulfil the condition of an aspect. In each part the others are replaced by right ones.
struct Apart {
    /// The aspects of which the other elements are not apart.
    aspects: Vec<usize>,
    /// The result with the elements that fulfil it; none where none do.
    of_condition: Option<Value>,
    /// The result with the others.
    others: Value,
}

/// For each element of a reduction over some axes, in C order: whether a NaN is among those that it comes of.
fn with_nan(x: &Array, reduced: &[bool]) -> Vec<bool> {
    let kept: Vec<usize> = x.shape.iter().zip(reduced).map(|(n, reduced)| if *reduced { 1 } else { *n }).collect();
    let mut out = vec![false; kept.iter().product()];
    let mut index = vec![0; x.shape.len()];
    for element in x.elements() {
        let (re, im) = element.components();
        let place = index.iter().zip(&kept).fold(0, |place, (i, n)| place * n + i.min(&(n - 1)));
        out[place] |= re.is_nan() || im.is_nan();
        advance(&mut index, &x.shape);
    }
    out
}

/// The next index in C order.
fn advance(index: &mut [usize], shape: &[usize]) {
    for (i, n) in index.iter_mut().zip(shape).rev() {
        *i += 1;
        if *i < *n {
            return;
        }
        *i = 0;
    }
}

/// What a call gave, where only the device of it or of its input could not be asked for; and why.
fn no_device<'o>(case: &CallCase<'_>, program: &Program, observed: &'o Observed) -> Option<(&'o [Value], Mismatch)> {
    let Observed::Outcome(outcome) = observed else { return None };
    let (values, step, cause, got) = match outcome {
        Outcome::Missing { name, step, values } => (values, *step, Cause::MissingName, format!("the library has no `{name}`")),
        Outcome::Raised { exception, step, values } => {
            (values, *step, Cause::Raised, format!("{}: {}", exception.type_name, exception.message))
        }
        _ => return None,
    };
    let asks = program.steps.get(step? as usize).is_some_and(|step| step.function == "attribute.device");
    let mismatch =
        Mismatch { cause, expected: "a device".to_owned(), got, element: None, kinds: kind::of_fault(observed), demanded: false };
    (case.call.returns_devices && asks).then_some((values, mismatch))
}

/// What is wrong with a value that is no tuple.
fn no_tuple_but(returned: &Value) -> Mismatch {
    Mismatch {
        cause: Cause::WrongType,
        expected: "a tuple".to_owned(),
        got: returned.to_string(),
        element: None,
        kinds: kind::one(kind::of_value(returned)),
        demanded: true,
    }
}

/// Counts a case that holds, or fails as the mismatch says.
fn settle(tally: &mut Tally, index: u64, verdict: Verdict, mismatch: Option<Mismatch>) {
    match mismatch {
        None => tally.pass(),
        Some(Mismatch { cause, expected, got, element, kinds, .. }) => {
            tally.fail(Failure { index, element, cause, expected, got, verdict, kinds });
        }
    }
}

/// A result some of whose elements were taken as zero, or computed from such, as it were without; none if there are no such elements. Some
/// libraries flush where they compute and not where they copy.
fn restored(expectation: &Expectation, flushed: Option<&Expectation>, returned: &Value) -> Option<Value> {
    let example = |expectation: &Expectation| match expectation.example() {
        Some(Value::Array(array)) => Some(array),
        _ => None,
    };
    let Value::Array(got) = returned else { return None };
    let alike = |array: &Array| array.dtype == got.dtype && array.shape == got.shape && got.dtype.is_floating();
    let want = example(expectation).filter(alike)?;
    let flushed = flushed.and_then(example).filter(alike);
    let elements: Vec<Element> = (0..got.len())
        .map(|i| {
            let (got, want) = (got.get(i), want.get(i));
            let as_zero = has_subnormal(want) && agree(flush(want), got, true);
            let of_zeros =
                flushed.as_ref().map(|array| array.get(i)).is_some_and(|zeroed| !zeroed.same_bits(want) && agree(zeroed, got, true));
            if as_zero || of_zeros { want } else { got }
        })
        .collect();
    let restored = Array::from_elements(got.dtype, got.shape.clone(), elements);
    (restored.data != got.data).then_some(Value::Array(restored))
}

/// A result whose zeros came back without their signs, with those that they should have; none where nothing of the sort is lost.
fn with_signs_of_zeros(wanted: &Value, returned: &Value, losses: &Losses) -> Option<Value> {
    let sign = |wanted: f64, got: f64| if wanted == 0.0 && got == 0.0 { wanted } else { got };
    let signed = |want: Element, got: Element| {
        let ((a, b), (c, d)) = (want.components(), got.components());
        match got {
            Element::F32(0.0) => Element::F32(sign(a, c) as f32),
            Element::F64(0.0) => Element::F64(sign(a, c)),
            Element::C64(re, im) if re == 0.0 || im == 0.0 => Element::C64(sign(a, c) as f32, sign(b, d) as f32),
            Element::C128(re, im) if re == 0.0 || im == 0.0 => Element::C128(sign(a, c), sign(b, d)),
            other => other,
        }
    };
    let each = |wanted: &[Value], got: &[Value]| -> Vec<Value> {
        let pairs = wanted.iter().zip(got);
        pairs.map(|(wanted, got)| with_signs_of_zeros(wanted, got, losses).unwrap_or_else(|| got.clone())).collect()
    };
    match (wanted, returned) {
        (Value::Array(want), Value::Array(got)) if losses.loses_sign_of_zero(got.dtype) && want.shape == got.shape => {
            let elements = want.elements().zip(got.elements()).map(|(want, got)| signed(want, got));
            Some(Value::Array(Array::from_elements(got.dtype, got.shape.clone(), elements)))
        }
        (Value::Tuple(want) | Value::List(want), Value::Tuple(got)) if want.len() == got.len() => Some(Value::Tuple(each(want, got))),
        (Value::Tuple(want) | Value::List(want), Value::List(got)) if want.len() == got.len() => Some(Value::List(each(want, got))),
        (Value::NamedTuple(want), Value::NamedTuple(got)) if want.len() == got.len() => {
            let values = |fields: &[(String, Value)]| fields.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>();
            let names = got.iter().map(|(name, _)| name.clone());
            Some(Value::NamedTuple(names.zip(each(&values(want), &values(got))).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use array_assay_format::Revision;
    use array_assay_interface::{Array, DType, Exception, Unfit, run_program};
    use array_assay_spec::Spec;

    use super::*;
    use crate::generate::{Pool, RankLimit};
    use crate::reference::Reference;

    /// What was judged of a case: the check without the function, the cell, and whether it holds.
    type Entries = Vec<(String, CallCell, bool)>;

    /// What is judged of the first drawn case that `wanted` holds for, as the reference has it or as `spoil` leaves it.
    fn judged(path: &str, wanted: impl Fn(&CallCase<'_>) -> bool, spoil: impl Fn(&mut Outcome)) -> Entries {
        let spec = Spec::embedded();
        let pool = Pool { devices: vec!["cpu".to_owned()], ..Pool::default() };
        let function = spec.functions.iter().find(|f| f.path() == path).unwrap();
        let stream = CallStream::new(spec, function, &pool).unwrap();
        let mut found = (0..2000).filter_map(|index| Some((index, stream.case(0, index)?)));
        let (index, case) = found.find(|(_, case)| wanted(case)).expect("such a case is drawn");
        let (capabilities, program) = (BTreeMap::new(), case.call.program(function));
        let mut outcome = run_program(&mut Reference::default(), &program);
        spoil(&mut outcome);
        let judge = CallJudge::new(&stream, &capabilities);
        let mut tally = judge.tally();
        let combination = stream.combination_of(index);
        judge.judge(&Ran { index, combination, case: &case, program: &program, observed: &Observed::Outcome(outcome) }, &mut tally);
        let mut out = Vec::new();
        for (i, check) in judge.checks().iter().enumerate() {
            let id = check.id.to_string();
            let (_, short) = id.split_once("::").unwrap();
            out.extend(tally.of(i).filter(|(_, t)| t.cases > 0).map(|(cell, t)| (short.to_owned(), cell.clone(), t.failures == 0)));
        }
        out
    }

    fn checks(entries: &Entries) -> Vec<&str> {
        let judged_often = |check: &&str| !matches!(*check, "pure" | "device");
        entries.iter().map(|(check, ..)| check.as_str()).filter(judged_often).collect()
    }

    /// No step that prepares an operand raised.
    fn raise(outcome: &mut Outcome) {
        let exception = Exception::new("ValueError", "");
        *outcome = Outcome::Raised { exception, step: Some(u32::MAX), values: Vec::new() };
    }

    fn is_tuple(case: &CallCase<'_>, name: &str) -> bool {
        matches!(case.call.argument(name), Some(Given::Tuple(_)))
    }

    fn has_dtype(case: &CallCase<'_>, name: &str, dtype: DType) -> bool {
        matches!(case.call.argument(name), Some(Given::Array(Array { dtype: d, .. }) | Given::Dtype(d)) if *d == dtype)
    }

    #[test]
    fn an_aspect_takes_the_place_of_the_plain_checks() {
        let plain = judged("expand_dims", |case| !is_tuple(case, "axis"), |_| {});
        assert_eq!(checks(&plain), ["call", "type", "dtype", "shape", "value"]);
        let tuple = judged("expand_dims", |case| is_tuple(case, "axis"), |_| {});
        assert_eq!(checks(&tuple), ["call/tuple", "type/tuple", "dtype/tuple", "shape/tuple", "value/tuple"]);
        let raised = judged("expand_dims", |case| is_tuple(case, "axis"), raise);
        assert_eq!(checks(&raised), ["call/tuple"]);
        assert!(!raised[0].2, "an exception is no result");
    }

    #[test]
    fn what_is_no_array_need_not_tell_its_device() {
        let deviceless = |result: fn(Value) -> Value| {
            move |outcome: &mut Outcome| {
                let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
                let values = vec![result(values.swap_remove(0))];
                *outcome = Outcome::Missing { name: "attribute.device".to_owned(), step: Some(1), values };
            }
        };
        let failing = |result: fn(Value) -> Value| -> Vec<String> {
            let entries = judged(
                "sort",
                |case| case.call.returns_devices && case.call.layouts.iter().all(|l| *l == crate::generate::Layout::Contiguous),
                deviceless(result),
            );
            entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
        };
        assert_eq!(failing(|array| Value::Tuple(vec![array])), ["type"]);
        assert_eq!(failing(|array| array), ["device"]);
    }

    #[test]
    fn a_list_is_no_tuple_where_a_clause_asks_for_one() {
        let as_list = |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Tuple(sizes) = &values[0] else { panic!("{values:?}") };
            values[0] = Value::List(sizes.clone());
        };
        let of_type = |entries: Entries| entries.into_iter().find(|(check, ..)| check == "type/tuple").map(|(.., holds)| holds);
        assert_eq!(of_type(judged("attribute.shape", |_| true, |_| {})), Some(true));
        assert_eq!(of_type(judged("attribute.shape", |_| true, as_list)), Some(false));
    }

    #[test]
    fn what_is_said_to_be_the_namespace_has_its_functions() {
        let without = |outcome: &mut Outcome| {
            // Python's module `os`, say.
            let values = vec![Value::Opaque("<module 'os'>".to_owned())];
            *outcome = Outcome::Missing { name: "attribute.asarray".to_owned(), step: Some(1), values };
        };
        let failing =
            |entries: Entries| -> Vec<String> { entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect() };
        assert_eq!(failing(judged("method.__array_namespace__", |_| true, |_| {})), Vec::<String>::new());
        assert_eq!(failing(judged("method.__array_namespace__", |_| true, without)), ["call"]);
    }

    #[test]
    fn a_special_case_takes_the_place_of_the_value() {
        let nan = judged("max", |case| !case.aspects.is_empty(), |_| {});
        assert_eq!(checks(&nan), ["call", "type", "dtype", "shape", "special/nan"]);
    }

    #[test]
    fn a_condition_on_elements_counts_for_these_alone() {
        let nans = |array: &Array| array.elements().filter(|x| x.components().0.is_nan()).count();
        let result = |outcome: &mut Outcome, spoil: &dyn Fn(Element) -> bool| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
            let elements: Vec<_> = array.elements().map(|x| if spoil(x) { Element::F64(1e3).cast(array.dtype) } else { x }).collect();
            *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
        };
        // Some slices of the input have a NaN, and others have none.
        let mixed = |case: &CallCase<'_>| {
            let Some(Value::Array(expected)) = case.expectation.example() else { return false };
            has_dtype(case, "x", DType::Float64) && (1..expected.len()).contains(&nans(&expected)) && case.aspects.len() == 1
        };
        let failing = |spoil: &dyn Fn(Element) -> bool| -> Vec<String> {
            let entries = judged("std", mixed, |outcome| result(outcome, spoil));
            assert!(checks(&entries).contains(&"special/nan") && checks(&entries).contains(&"value"));
            entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
        };
        assert_eq!(failing(&|_| false), [""; 0]);
        assert_eq!(failing(&|x| x.components().0.is_nan()), ["special/nan"]);
        assert_eq!(failing(&|x| !x.components().0.is_nan()), ["value"]);
    }

    #[test]
    fn what_is_an_approximation_is_no_demand() {
        let wrong = |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
            let elements: Vec<_> = array.elements().map(|_| Element::Int(3).cast(array.dtype)).collect();
            *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
        };
        let failing = |path: &str, dtype: DType| -> Vec<String> {
            let drawn = |case: &CallCase<'_>| {
                let value = case.expectation.example();
                let plain = matches!(&value, Some(Value::Array(a)) if !a.is_empty() && a.elements().all(|x| x.components().0.abs() < 1.0));
                (has_dtype(case, "x", dtype) || has_dtype(case, "x1", dtype)) && case.aspects.is_empty() && plain
            };
            judged(path, drawn, wrong).into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
        };
        assert_eq!(failing("sum", DType::Float64), ["value/approximate"]);
        assert_eq!(failing("sum", DType::Int64), ["value"]);
        assert_eq!(failing("matmul", DType::Float32), ["value/approximate"]);
        assert_eq!(failing("mean", DType::Float32), ["value"]);
    }

    #[test]
    fn a_triangle_is_demanded_and_its_accuracy_is_not() {
        let spoilt = |above: f64, below: f64| {
            move |outcome: &mut Outcome| {
                let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
                let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
                let size = array.shape[0];
                let spoil = |i: usize, x: Element| match (i / size).cmp(&(i % size)) {
                    std::cmp::Ordering::Less => Element::F64(x.components().0 + above),
                    _ => Element::F64(x.components().0 + below),
                };
                let elements: Vec<_> = array.elements().enumerate().map(|(i, x)| spoil(i, x)).collect();
                *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
            }
        };
        let lower = |case: &CallCase<'_>| {
            let square = matches!(case.expectation.example(), Some(Value::Array(a)) if a.shape.len() == 2 && a.shape[0] > 1);
            has_dtype(case, "x", DType::Float64) && case.call.argument("upper").is_none() && square
        };
        let failing = |above: f64, below: f64| -> Vec<String> {
            let entries = judged("linalg.cholesky", lower, spoilt(above, below));
            entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
        };
        assert_eq!(failing(0.0, 0.0), [""; 0]);
        assert_eq!(failing(1.0, 0.0), ["value/structure"]);
        assert_eq!(failing(0.0, 1e9), ["value"]);
    }

    #[test]
    fn what_the_text_leaves_open_may_be_refused() {
        let indices = |dtype: DType| move |case: &CallCase<'_>| has_dtype(case, "indices", dtype);
        let pool = Pool::default();
        assert_eq!(counted("take_along_axis", &pool, indices(DType::Uint8), raise), (0, 0, 0), "no dtype of indices is asked for");
        assert_eq!(counted("take_along_axis", &pool, indices(DType::Int64), raise), (1, 1, 0), "but the default one of indices");
        assert!(counted("take_along_axis", &pool, indices(DType::Uint8), |_| {}).0 > 1, "what returns is judged");
        assert_eq!(counted("take", &pool, indices(DType::Uint8), raise), (1, 1, 0), "any integer dtype is asked for");
        // Integers that overflow, and infinities and NaN that become integers.
        let overflows = |case: &CallCase<'_>| case.refusable && has_dtype(case, "x1", DType::Int8);
        assert_eq!(counted("linalg.outer", &pool, overflows, raise), (0, 0, 0));
        assert_eq!(counted("linalg.outer", &pool, |case| !case.refusable, raise), (1, 1, 0));
        let infinite = |case: &CallCase<'_>| {
            let array = case.call.arrays()[0];
            has_dtype(case, "dtype", DType::Int64) && array.elements().any(|x| !x.components().0.is_finite())
        };
        assert_eq!(counted("astype", &pool, infinite, raise), (0, 0, 0));
        let finite = |case: &CallCase<'_>| has_dtype(case, "dtype", DType::Int64) && has_dtype(case, "x", DType::Int8);
        assert_eq!(counted("astype", &pool, finite, raise), (1, 1, 0));
    }

    #[test]
    fn the_cell_of_a_spoilt_call_has_the_dtype_that_was_passed() {
        let spec = Spec::embedded();
        let function = spec.functions.iter().find(|f| f.name == "__index__").unwrap();
        let (pool, raise) = (Pool::default(), function.raises.iter().find(|r| r.spoil == array_assay_spec::Spoil::Floating).unwrap());
        let stream = CallStream::new(spec, function, &pool).unwrap();
        let case = stream.spoilt(0, raise, 0, None).unwrap();
        let Some(Given::Array(passed)) = case.call.argument("self") else { panic!("{:?}", case.call) };
        assert!(passed.dtype.is_floating());
        assert_eq!(stream.spoilt_cell(stream.combination_of(0), &case).label, passed.dtype.name());
    }

    #[test]
    fn a_later_parameter_has_checks_of_its_own() {
        let with = judged("astype", |case| case.call.argument("device").is_some(), |_| {});
        assert_eq!(checks(&with), ["call/device", "type/device", "dtype/device", "shape/device", "value/device"]);
        let without = judged("astype", |case| case.call.argument("device").is_none(), |_| {});
        assert_eq!(checks(&without), ["call", "type", "dtype", "shape", "value"]);
    }

    #[test]
    fn a_later_dtype_has_a_cell_of_its_own() {
        let of_int = |dtype: DType| move |case: &CallCase<'_>| has_dtype(case, "x", DType::Int32) && has_dtype(case, "dtype", dtype);
        let cell = |entries: Entries| {
            assert!(entries.iter().all(|(_, cell, holds)| cell == &entries[0].1 && *holds), "{entries:?}");
            (entries[0].1.label.clone(), entries[0].1.since)
        };
        assert_eq!(cell(judged("ones_like", of_int(DType::Float32), |_| {})), ("int32".to_owned(), Revision::V2021_12));
        assert_eq!(cell(judged("ones_like", of_int(DType::Complex64), |_| {})), ("int32+complex64".to_owned(), Revision::V2022_12));
        let complex = |case: &CallCase<'_>| has_dtype(case, "x", DType::Complex64) && has_dtype(case, "dtype", DType::Complex128);
        assert_eq!(cell(judged("ones_like", complex, |_| {})), ("complex64".to_owned(), Revision::V2022_12));
    }

    #[test]
    fn the_rule_of_an_earlier_revision_is_judged_beside_the_present_one() {
        let sum = |dtype: DType| judged("sum", move |case| has_dtype(case, "x", dtype) && case.call.argument("dtype").is_none(), |_| {});
        let verdicts = |entries: &Entries| -> Vec<(String, bool)> {
            let dtype = entries.iter().filter(|(check, ..)| check.starts_with("dtype"));
            dtype.map(|(check, _, holds)| (check.clone(), *holds)).collect()
        };
        let (earlier, present) = (format!("dtype/{}", earlier_slug(Revision::V2022_12)), "dtype".to_owned());
        // It asked for float64; the reference follows the newest revision.
        assert_eq!(verdicts(&sum(DType::Float32)), [(earlier.clone(), false), (present.clone(), true)]);
        assert_eq!(verdicts(&sum(DType::Float64)), [(earlier, true), (present, true)]);
    }

    /// How the call check stands where `outcome` came of a call that `wanted` holds for: cases, failures, excused.
    fn counted(path: &str, pool: &Pool, wanted: impl Fn(&CallCase<'_>) -> bool, spoil: impl Fn(&mut Outcome)) -> (u64, u64, u64) {
        let spec = Spec::embedded();
        let function = spec.functions.iter().find(|f| f.path() == path).unwrap();
        let stream = CallStream::new(spec, function, pool).unwrap();
        let mut found = (0..2000).filter_map(|index| Some((index, stream.case(0, index)?)));
        let (index, case) = found.find(|(_, case)| wanted(case)).expect("such a case is drawn");
        let (capabilities, program) = (BTreeMap::new(), case.call.program(function));
        let mut outcome = run_program(&mut Reference::default(), &program);
        spoil(&mut outcome);
        let judge = CallJudge::new(&stream, &capabilities);
        let mut tally = judge.tally();
        let combination = stream.combination_of(index);
        judge.judge(&Ran { index, combination, case: &case, program: &program, observed: &Observed::Outcome(outcome) }, &mut tally);
        let all = || tally.tallies.iter().flatten();
        (all().map(|t| t.cases).sum(), all().map(|t| t.failures).sum(), all().map(|t| t.excused).sum())
    }

    #[test]
    fn a_lacking_capability_excuses_the_calls_that_need_it_and_no_others() {
        let lacking =
            |names: &[&str]| Pool { lacks: names.iter().map(|n| ((*n).to_owned(), "it says so".to_owned())).collect(), ..Pool::default() };
        let shapes = lacking(&["data-dependent shapes"]);
        assert_eq!(counted("nonzero", &shapes, |_| true, raise), (0, 0, 1));
        assert_eq!(counted("nonzero", &Pool::default(), |_| true, raise), (1, 1, 0));
        let counts_given = |case: &CallCase<'_>| matches!(case.call.argument("repeats"), Some(Given::Array(_)));
        assert_eq!(counted("repeat", &shapes, counts_given, raise).2, 1);
        assert_eq!(counted("repeat", &shapes, |case| !counts_given(case), raise).1, 1);
        assert_eq!(counted("isin", &shapes, |_| true, raise).1, 1);
        let right = counted("nonzero", &shapes, |_| true, |_| {});
        assert!(right.0 > 1 && right.1 == 0 && right.2 == 0, "what works all the same is judged: {right:?}");
    }

    #[test]
    fn arrays_of_more_axes_than_the_library_has_are_excused() {
        let limit = RankLimit { rank: 4, why: "it has four axes at most".to_owned() };
        let limited = Pool { rank_limit: Some(limit), ..Pool::default() };
        let stacked = |rank: usize| move |case: &CallCase<'_>| case.expectation.ranks() == [rank];
        assert_eq!(counted("stack", &limited, stacked(5), raise), (0, 0, 1));
        assert_eq!(counted("stack", &limited, stacked(4), raise), (1, 1, 0));
        assert_eq!(counted("stack", &Pool::default(), stacked(5), raise), (1, 1, 0));
    }

    #[test]
    fn a_buffer_error_refuses_an_export_and_no_other_exception_does() {
        let by = |class: &str| {
            let class = class.to_owned();
            move |outcome: &mut Outcome| {
                raise(outcome);
                let Outcome::Raised { exception, .. } = outcome else { panic!("{outcome:?}") };
                exception.type_name.clone_from(&class);
                exception.bases = vec!["Exception".to_owned()];
            }
        };
        assert_eq!(counted("from_dlpack", &Pool::default(), |_| true, by("BufferError")), (0, 0, 1));
        assert_eq!(counted("from_dlpack", &Pool::default(), |_| true, by("TypeError")), (1, 1, 0));
        assert_eq!(counted("flip", &Pool::default(), |_| true, by("BufferError")), (1, 1, 0));
    }

    #[test]
    fn what_cannot_be_handed_over_is_no_exception_of_the_library() {
        let transport = |outcome: &mut Outcome| {
            let exception = Exception::new("Transport", "no way out");
            *outcome = Outcome::Raised { exception, step: None, values: Vec::new() };
        };
        assert_eq!(counted("nonzero", &Pool::default(), |_| true, transport), (0, 0, 0));
        // It is counted, and its reason stands in the record.
        let spec = Spec::embedded();
        let (pool, capabilities) = (Pool::default(), BTreeMap::new());
        let function = spec.function("array", "__index__").unwrap();
        let stream = CallStream::new(spec, function, &pool).unwrap();
        let judge = CallJudge::new(&stream, &capabilities);
        let raise = function.raises.first().expect("of floats it raises");
        let (index, case) = (0..100).find_map(|index| Some((index, stream.spoilt(0, raise, index, None)?))).unwrap();
        let program = case.call.program(function);
        let mut outcome = Outcome::Values(Vec::new());
        transport(&mut outcome);
        let mut tally = judge.tally();
        let combination = stream.combination_of(index);
        judge.judge_raise(
            &Ran { index, combination, case: &case, program: &program, observed: &Observed::Outcome(outcome) },
            raise,
            &mut tally,
        );
        assert_eq!(tally.tallies.iter().flatten().map(|t| t.cases).sum::<u64>(), 0, "it did not raise as it has to");
        let why: Vec<&str> = tally.tallies.iter().flatten().filter_map(|t| t.unprepared.as_deref()).collect();
        assert_eq!(why, ["an array could not be made or handed back: Transport: no way out"]);
    }

    #[test]
    fn an_element_that_its_dtype_cannot_hold_is_a_wrong_value() {
        let unfit = |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &values[0] else { panic!("{values:?}") };
            let unfit = Unfit { dtype: array.dtype, shape: array.shape.clone(), at: 0, element: "-1".to_owned() };
            values[0] = Value::Unfit(unfit);
        };
        let wanted = |case: &CallCase<'_>| has_dtype(case, "x", DType::Uint8) && !case.call.arrays()[0].is_empty();
        let entries = judged("flip", wanted, unfit);
        let broken: Vec<&str> = entries.iter().filter(|(_, _, holds)| !holds).map(|(check, ..)| check.as_str()).collect();
        assert_eq!(broken, ["value"]);
        assert_eq!(checks(&entries), ["call", "type", "dtype", "shape", "value"]);
    }

    #[test]
    fn what_lay_in_memory_is_no_measure_of_accuracy() {
        // An axis without elements is filled up with zeros; where a library leaves what lay in memory, that is wrong, and no ratio.
        let empty = |case: &CallCase<'_>| {
            let slugs = case.aspects.iter().map(|i| Spec::embedded().function("fft", "irfft").unwrap().aspects[*i].slug.as_str());
            has_dtype(case, "x", DType::Complex128) && slugs.into_iter().any(|slug| slug == "no-elements")
        };
        let ratios = |outcome: &dyn Fn(&mut Outcome)| {
            let spec = Spec::embedded();
            let pool = Pool::default();
            let function = spec.function("fft", "irfft").unwrap();
            let stream = CallStream::new(spec, function, &pool).unwrap();
            let (index, case) = (0..5000).filter_map(|i| Some((i, stream.case(0, i)?))).find(|(_, case)| empty(case)).unwrap();
            let (capabilities, program) = (BTreeMap::new(), case.call.program(function));
            let mut made = run_program(&mut Reference::default(), &program);
            outcome(&mut made);
            let judge = CallJudge::new(&stream, &capabilities);
            let mut tally = judge.tally();
            let ran = Ran {
                index,
                combination: stream.combination_of(index),
                case: &case,
                program: &program,
                observed: &Observed::Outcome(made),
            };
            judge.judge(&ran, &mut tally);
            let of = |slug: &str| {
                let check =
                    judge.checks().iter().position(|c| c.id.property == Property::Value && c.id.slug.as_deref() == Some(slug)).unwrap();
                tally.of(check).map(|(_, tally)| (tally.failures, tally.ratios.len())).collect::<Vec<_>>()
            };
            (of("no-elements"), of(ACCURACY).into_iter().all(|(_, ratios)| ratios == 0))
        };
        let garbage = |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
            *array = Array::from_elements(array.dtype, array.shape.clone(), vec![Element::F64(7e19); array.len()]);
        };
        let (own, accuracy_is_empty) = ratios(&garbage);
        assert!(
            accuracy_is_empty && own.iter().any(|(failures, _)| *failures == 1) && own.iter().all(|(_, ratios)| *ratios == 0),
            "{own:?}"
        );
        let (own, accuracy_is_empty) = ratios(&|_: &mut Outcome| {});
        assert!(accuracy_is_empty && own.iter().all(|(failures, _)| *failures == 0), "{own:?}");
    }

    #[test]
    fn a_result_that_cannot_be_written_to_does_not_show_whether_it_is_a_copy() {
        let spec = Spec::embedded();
        let (pool, capabilities) = (Pool::default(), BTreeMap::new());
        let function = spec.function("creation", "from_dlpack").unwrap();
        let stream = CallStream::new(spec, function, &pool).unwrap();
        let judge = CallJudge::new(&stream, &capabilities);
        let (index, (case, program)) = (0..100).find_map(|index| Some((index, stream.copying(0, index)?))).unwrap();
        let exception = Exception::new("ValueError", "assignment destination is read-only");
        let step = Some(program.steps.len() as u32 - 1);
        let observed = Observed::Outcome(Outcome::Raised { exception, step, values: Vec::new() });
        let mut tally = judge.tally();
        judge.judge_copy(
            &Ran { index, combination: stream.combination_of(index), case: &case, program: &program, observed: &observed },
            &mut tally,
        );
        let check = judge.checks().iter().position(|c| c.id.property == Property::Copy).unwrap();
        let (_, tally) = tally.of(check).next().expect("the check has a cell");
        assert_eq!(tally.cases, 0);
        assert!(tally.unprepared.as_ref().is_some_and(|why| why.contains("read-only")), "{:?}", tally.unprepared);
    }

    #[test]
    fn a_dtype_by_name_alone_excuses_what_takes_or_gives_it() {
        let pool = Pool { nominal: BTreeMap::from([(DType::Uint64, "no operations".to_owned())]), ..Pool::default() };
        let wrong = |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
            *array = Array::from_elements(DType::Int64, array.shape.clone(), array.elements().collect::<Vec<_>>());
        };
        let summed = |dtype: DType| move |case: &CallCase<'_>| has_dtype(case, "x", dtype) && case.call.argument("dtype").is_none();
        // Of uint8 it has to be uint64, of int8 the default integer dtype.
        assert_eq!(counted("sum", &pool, summed(DType::Uint8), wrong), (0, 0, 1));
        assert!(counted("sum", &Pool::default(), summed(DType::Uint8), wrong).1 > 0);
        assert_eq!(counted("sum", &pool, summed(DType::Int8), raise), (1, 1, 0));
    }

    #[test]
    fn what_is_flushed_to_zero_is_right() {
        let subnormal = |case: &CallCase<'_>| case.call.flushed().is_some() && has_dtype(case, "x", DType::Float64);
        let flushed = judged("flip", subnormal, |outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
            let elements: Vec<_> = array.elements().map(super::super::flush).collect();
            *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
        });
        assert!(flushed.iter().all(|(_, _, holds)| *holds), "{flushed:?}");
        // Some elements alone, and no others.
        let part = |wrong: bool| {
            move |outcome: &mut Outcome| {
                let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
                let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
                let mut elements: Vec<_> = array.elements().collect();
                let small = elements.iter().position(|x| super::super::has_subnormal(*x)).unwrap();
                elements[small] = if wrong { Element::F64(1.0) } else { super::super::flush(elements[small]) };
                *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
            }
        };
        let several = |case: &CallCase<'_>| {
            let small = |array: &&Array| array.elements().filter(|x| super::super::has_subnormal(*x)).count() > 1;
            subnormal(case) && case.call.arrays().iter().any(small)
        };
        assert!(judged("flip", several, part(false)).iter().all(|(_, _, holds)| *holds));
        assert!(judged("flip", several, part(true)).iter().any(|(_, _, holds)| !holds));
    }
}
