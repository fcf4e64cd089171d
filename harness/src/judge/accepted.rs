//! Judges calls with operands that a library may refuse. A library that accepts them has to follow the text.

use std::collections::BTreeMap;

use array_assay_format::{Cause, Property, Verdict};
use array_assay_interface::{Array, DType, Defaults, Element, Program, Value};
use array_assay_oracle::call::Expectation;
use array_assay_spec::{Accepted, Function, Gives};

use super::demand::{Demand, Fact, Is, Where, of_call};
use super::expectation::{self, Mismatch};
use super::kind;
use super::outcome::result_of;
use super::tally::{Failure, Tally};
use crate::generate::CaseId;
use crate::observed::Observed;

/// Why a refused call is not a deviation.
const REFUSED: &str = "the library refuses such operands, as the standard permits";

/// Judges calls of one function on operands that a library may refuse.
#[derive(Clone, Copy)]
pub struct AcceptedJudge<'a> {
    /// The function.
    pub function: &'a Function,
    /// What the standard says of such operands.
    pub accepted: Accepted,
    /// The library's default dtypes.
    pub defaults: Defaults,
    /// The capabilities that the worker declared.
    pub capabilities: &'a BTreeMap<String, bool>,
}

impl AcceptedJudge<'_> {
    /// Judges the outcome of a call.
    pub fn judge(&self, id: CaseId, arrays: &[&Array], program: &Program, observed: &Observed, tally: &mut Tally) {
        tally.due = true;
        match result_of(self.capabilities, program, observed) {
            Ok([value]) => tally.settle(self.mismatch(arrays, value).map(|mismatch| Failure::new(id, Verdict::Fail, mismatch))),
            // The text says nothing of other results than one value.
            Ok(_) => {}
            Err(why) if why.is_raised() => tally.excuse(REFUSED),
            Err(why) => tally.without_values(id, why.of_other_calls("a result or an exception")),
        }
    }

    /// The deviation of a result, if there is one.
    fn mismatch(&self, arrays: &[&Array], value: &Value) -> Option<Mismatch> {
        if self.accepted.gives == Gives::AsBooleans {
            let expectation = Expectation::array(&accepted_example(self.function, self.accepted, self.defaults, arrays)?);
            let findings = expectation::judge(&expectation, value, &[]);
            return findings.iter().find_map(|(_, mismatch)| mismatch.cloned());
        }
        let dtype = match value {
            Value::Array(array) | Value::ArrayScalar { array, .. } => array.dtype,
            Value::Unfit(unfit) => unfit.dtype,
            _ => return None,
        };
        let allowed = dtypes(self.accepted.gives, self.defaults);
        let expected = || format!("dtype {}", allowed.iter().map(|d| d.name()).collect::<Vec<_>>().join(" or "));
        let wrong = || Mismatch::new(Cause::WrongDtype, expected(), format!("dtype {dtype}"), kind::one(dtype.name()));
        (!allowed.contains(&dtype)).then(wrong)
    }

    /// What would hold of a call if it did not deviate.
    pub fn demand(&self, arrays: &[&Array], program: &Program, values: &[Value], cause: Cause) -> Option<Demand> {
        match self.accepted.gives {
            Gives::AsBooleans => {
                let expectation = Expectation::array(&accepted_example(self.function, self.accepted, self.defaults, arrays)?);
                let property = match cause {
                    Cause::WrongDtype => Property::Dtype,
                    Cause::WrongShape => Property::Shape,
                    Cause::WrongType => Property::Type,
                    _ => Property::Value,
                };
                of_call(&expectation, program, values, 0, property, cause)
            }
            _ if cause == Cause::WrongDtype => Some(Demand::Fact(Fact {
                of: Where::of(*program.returns.first()?),
                is: Is::OfSomeDtype(dtypes(self.accepted.gives, self.defaults)),
            })),
            _ => None,
        }
    }
}

/// An example of what the text allows for operands of one shape. `None` if the operands do not have the rule's dtypes.
pub fn accepted_example(function: &Function, accepted: Accepted, defaults: Defaults, arrays: &[&Array]) -> Option<Array> {
    let first = arrays.first()?;
    let of = |array: &&Array| accepted.dtypes.contains(array.dtype);
    let fits = |array: &&Array| (of(array) || accepted.beside.contains(array.dtype)) && array.shape == first.shape;
    if !arrays.iter().any(of) || !arrays.iter().all(fits) {
        return None;
    }
    let element: Box<dyn Fn(usize) -> Element> = match accepted.gives {
        Gives::AsBooleans => {
            let kernel = array_assay_oracle::kernel(function.semantics())?;
            let truths = move |i: usize| arrays.iter().map(|array| Element::Bool(array.get(i).truth())).collect::<Vec<_>>();
            Box::new(move |i| kernel.eval(DType::Bool, &truths(i)).value.unwrap_or(Element::Bool(false)))
        }
        Gives::RealFloating | Gives::DefaultRealFloating => Box::new(|_| Element::F64(1.0)),
    };
    let dtype = *dtypes(accepted.gives, defaults).last()?;
    // A reduction of all elements has rank zero.
    let shape = if function.is_elementwise() { first.shape.clone() } else { Vec::new() };
    let elements: Vec<Element> = (0..shape.iter().product()).map(|i| element(i).cast(dtype)).collect();
    Some(Array::from_elements(dtype, shape, elements))
}

/// The dtypes that the result may have.
fn dtypes(gives: Gives, defaults: Defaults) -> Vec<DType> {
    match gives {
        Gives::RealFloating => vec![DType::Float32, DType::Float64],
        Gives::DefaultRealFloating => vec![defaults.real],
        Gives::AsBooleans => vec![DType::Bool],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Sort;
    use array_assay_interface::Outcome;
    use array_assay_spec::Spec;

    fn tally(category: &str, name: &str, arrays: &[&Array], outcome: Outcome) -> Tally {
        let function = Spec::embedded().function(category, name).expect("it is in the spec");
        let accepted = function.accepted.expect("it may accept other dtypes");
        let capabilities = BTreeMap::new();
        let judge = AcceptedJudge { function, accepted, defaults: Defaults::default(), capabilities: &capabilities };
        let mut tally = Tally::default();
        judge.judge(Sort::Accepted.nth(0), arrays, &Program::default(), &Observed::Outcome(outcome), &mut tally);
        tally
    }

    fn ints(values: &[i128]) -> Array {
        Array::from_elements(DType::Int16, vec![values.len()], values.iter().map(|v| Element::Int(*v)))
    }

    fn of(dtype: DType, elements: &[Element]) -> Outcome {
        Outcome::Values(vec![Value::Array(Array::from_elements(dtype, vec![elements.len()], elements.to_vec()))])
    }

    #[test]
    fn a_library_that_divides_integers_has_to_return_floats() {
        let (a, b) = (ints(&[1]), ints(&[2]));
        let judged = |outcome| tally("elementwise", "divide", &[&a, &b], outcome).verdict();
        assert_eq!(judged(of(DType::Float32, &[Element::F32(0.5)])), Verdict::Pass);
        assert_eq!(judged(of(DType::Int16, &[Element::Int(0)])), Verdict::Fail);
        assert_eq!(judged(of(DType::Complex64, &[Element::C64(0.5, 0.0)])), Verdict::Fail);
    }

    #[test]
    fn the_mean_of_integers_has_the_default_dtype() {
        let x = ints(&[1, 2]);
        let judged = |outcome| tally("statistical", "mean", &[&x], outcome).verdict();
        assert_eq!(judged(of(DType::Float64, &[Element::F64(1.5)])), Verdict::Pass);
        assert_eq!(judged(of(DType::Float32, &[Element::F32(1.5)])), Verdict::Fail);
    }

    #[test]
    fn numbers_count_as_their_truth() {
        let (a, b) = (ints(&[0, 256, 3]), ints(&[1, 1, 0]));
        let judged = |bits: [bool; 3]| {
            tally("elementwise", "logical_and", &[&a, &b], of(DType::Bool, &bits.map(Element::Bool))).first.map(|f| f.element)
        };
        assert_eq!(judged([false, true, false]), None);
        // These results would come of looking only at the lowest byte, and of combining the bits.
        assert_eq!(judged([false, false, false]), Some(Some(1)));
        assert_eq!(judged([false, true, true]), Some(Some(2)));
    }

    #[test]
    fn an_exception_is_permitted_and_a_crash_is_not() {
        let x = ints(&[1]);
        let exception = array_assay_interface::Exception::new("TypeError", "no integers".to_owned());
        let refused = tally("statistical", "var", &[&x], Outcome::Raised { exception, step: Some(0), values: vec![] });
        assert_eq!((refused.verdict(), refused.excuse.as_deref()), (Verdict::Unsupported, Some(REFUSED)));
        let function = Spec::embedded().function("statistical", "var").expect("it is in the spec");
        let (accepted, capabilities) = (function.accepted.expect("it may accept integers"), BTreeMap::new());
        let judge = AcceptedJudge { function, accepted, defaults: Defaults::default(), capabilities: &capabilities };
        let mut died = Tally::default();
        judge.judge(Sort::Accepted.nth(0), &[&x], &Program::default(), &Observed::Crashed("signal 8".to_owned()), &mut died);
        assert_eq!(died.verdict(), Verdict::Crash);
    }
}
