//! One outcome of a call that is not element-wise: which checks of the function hold.

use std::collections::BTreeMap;

use array_assay_format::{Cause, Level, Property, Verdict};
use array_assay_interface::{Array, Element, Outcome, Program, Scalar, Value};
use array_assay_oracle::call::{Expectation, Given};
use array_assay_spec::checks::{ACCURACY, APPROXIMATE, CheckDefinition, STRUCTURE, TUPLE, earlier_slug};
use array_assay_spec::{Domain, ElementCondition, Function, Raise};

use super::demand::{Demand, Fact, Is, Number, Where, index_of, of_call, unchanged};
use super::expectation::{self, Findings, Mismatch};
use super::kind::{self, Kinds};
use super::outcome::{NoResult, judge_purity, result_of};
use super::tally::{Failure, Tally};
use crate::elements::{agree, flush, has_subnormal};
use crate::generate::{CallCase, CallCell, CallStream, Losses};
use crate::observed::Observed;

/// Counts of the checks of one function, by check and cell.
#[derive(Debug, Clone, Default)]
pub struct CallTally {
    cells: Vec<CallCell>,
    tallies: Vec<Vec<Tally>>,
    /// By clause of the function, how many judged cases met its condition.
    exercised: Vec<u64>,
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
        // Of several that came later the last: the others are passed without it too.
        let mut later = self.function.parameters.iter().filter(|p| p.since.is_some());
        if let Some(later) = later.rfind(|p| case.call.argument(&p.name).is_some()) {
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
        if let Some(why) = ran.case.unusable {
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
        let marked = with_nan(x, &reduced);
        if marked.len() != got.len() {
            return None;
        }
        let pick = |of: bool| {
            let elements = marked.iter().enumerate().map(|(i, is)| if *is == of { got.get(i) } else { want.get(i) });
            Value::Array(Array::from_elements(got.dtype, got.shape.clone(), elements))
        };
        let aspects = case.aspects.iter().copied().filter(|i| !of_elements(i)).collect();
        (!marked.iter().all(|is| *is)).then(|| Apart {
            aspects,
            of_condition: marked.contains(&true).then(|| pick(true)),
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
        let cell = tally.cell(self.stream.invalid_cell(combination, case));
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
            let signed = with_signs_of_zeros(&case.expectation.example()?, returned, &self.stream.profile().losses)?;
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
mod tests;
