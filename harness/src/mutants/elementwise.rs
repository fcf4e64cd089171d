//! Faults of element-wise functions: how they change a result, and which functions have them.

use array_assay_interface::{CallError, DType, Element, Kind};
use array_assay_oracle::call::Given;
use array_assay_spec::{Claim, DtypeRule, Function, OperatorForm, Rule, Spec, ValueClass};

use super::{Fault, Mutation, Origin};
use crate::generate::{Arguments, Call, CallForm};

/// The call that a mutation changes.
pub struct MutatedCall<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// The function.
    pub function: &'a Function,
    /// The promoted dtype.
    pub common: DType,
    /// The operands.
    pub case: &'a Call<'a>,
    /// The promoted arguments of each element.
    pub args: &'a [Arguments],
    /// Where the operands come from.
    pub origin: Origin,
    /// The function's value, in the result's dtype.
    pub value: &'a dyn Fn(&[Element]) -> Option<Element>,
}

impl Mutation {
    /// Changes a result: its elements, dtype and shape.
    pub fn apply(&self, call: &MutatedCall<'_>, elements: &mut [Element], result: &mut (DType, Vec<usize>)) -> Result<(), CallError> {
        let raised = || CallError::raised("RuntimeError", "a mutant does not like this");
        let uses = |d: DType| call.case.dtypes().all(|used| used == d);
        let corrupt_all = |elements: &mut [Element]| elements.iter_mut().for_each(|e| *e = other_than(*e));
        match &self.fault {
            Fault::RaisesOn(d) if uses(*d) => return Err(raised()),
            Fault::RaisesOnZeroSize if elements.is_empty() => return Err(raised()),
            Fault::WrongDtypeOn(d) if uses(*d) => result.0 = wrong_dtype(result.0),
            Fault::WrongValueOn(d) if uses(*d) => corrupt_all(elements),
            Fault::ScalarChangesDtype if call.case.form() != CallForm::Arrays => result.0 = wrong_dtype(result.0),
            Fault::RankZeroGivesRankOne if result.1.is_empty() => result.1 = vec![1],
            Fault::ZeroSizeGivesRankOne if elements.is_empty() => result.1 = vec![0],
            Fault::ArgumentsSwapped => {
                for (element, args) in elements.iter_mut().zip(call.args) {
                    if let [a, b] = args[..]
                        && let Some(swapped) = (call.value)(&[b, a])
                    {
                        *element = swapped;
                    }
                }
            }
            Fault::ZeroSignLost => elements.iter_mut().for_each(|e| *e = map_components(*e, |v| if v == 0.0 { 0.0 } else { v })),
            Fault::NanReplaced => elements.iter_mut().for_each(|e| *e = map_components(*e, |v| if v.is_nan() { 0.0 } else { v })),
            Fault::SpecialCaseBroken(slug) => {
                if let Some(rule) = call.function.rules.iter().find(|rule| rule.slug == *slug) {
                    for (element, args) in elements.iter_mut().zip(call.args) {
                        if let Some(broken) = broken(call, rule, args, *element) {
                            *element = broken;
                        }
                    }
                }
            }
            Fault::OneUlpOff if call.common.kind() == Kind::RealFloating => elements.iter_mut().for_each(|e| *e = next_up(*e)),
            Fault::RelativeErrorOf1e5 => elements.iter_mut().for_each(|e| *e = map_components(*e, |v| v * (1.0 + 1e-5))),
            Fault::IntegersThroughFloat64 if call.common.is_integer() => {
                for (element, args) in elements.iter_mut().zip(call.args) {
                    let rounded: Vec<Element> = args.iter().map(|x| through_float64(*x, call.common)).collect();
                    if let Some(value) = (call.value)(&rounded) {
                        *element = value;
                    }
                }
            }
            Fault::LastElementSkipped if !elements.is_empty() => {
                let axis = result.1.last().copied().unwrap_or(1);
                elements.iter_mut().skip(axis - 1).step_by(axis).for_each(|e| *e = other_than(*e));
            }
            Fault::BroadcastRotated(operand) => {
                let array = call.case.operand(call.function, *operand).and_then(Given::leaf);
                if array.is_some_and(|array| array.shape != result.1) {
                    corrupt_all(elements);
                }
            }
            Fault::StridedWrong if call.origin.strided => corrupt_all(elements),
            Fault::WrongAfterCalls if call.origin.calls > 1 => corrupt_all(elements),
            Fault::WrongForOneObject if call.origin.one_object => corrupt_all(elements),
            Fault::WrongAbove16Elements if elements.len() > 16 => elements[16..].iter_mut().for_each(|e| *e = other_than(*e)),
            _ => {}
        }
        Ok(())
    }
}

/// A result that the rule forbids for these operands. `None` if the rule is not about them.
fn broken(call: &MutatedCall<'_>, rule: &Rule, args: &[Element], right: Element) -> Option<Element> {
    let claim = rule.claim(call.spec, call.function, call.common, args)?;
    let dtype = call.function.result.dtype_of(call.common, call.common);
    let candidates =
        [map_components(right, |v| -v), other_than(right), Element::F64(42.0).cast(dtype), Element::C128(f64::NAN, 42.0).cast(dtype)];
    candidates.into_iter().find(|candidate| match &claim {
        Claim::OneOf(expected) => !expected.iter().any(|e| e.is_met_by(*candidate, dtype)),
        Claim::Holds(holds) => !Rule::holds(holds, call.function, call.common, args, *candidate),
    })
}

/// The faults that an element-wise function may have.
pub(super) fn faults(function: &Function) -> Vec<Fault> {
    let dtypes: Vec<DType> = DType::ALL.into_iter().filter(|d| function.operands.iter().all(|o| o.dtypes.contains(*d))).collect();
    let mut faults = vec![Fault::Hidden, Fault::RaisesOnZeroSize, Fault::RankZeroGivesRankOne, Fault::ZeroSizeGivesRankOne];
    faults.extend([Fault::LastElementSkipped, Fault::InputOverwritten, Fault::StridedWrong, Fault::WrongAbove16Elements]);
    if function.operator.is_none() {
        faults.push(Fault::WrongAfterCalls);
    }
    for dtype in &dtypes {
        faults.extend([Fault::RaisesOn(*dtype), Fault::WrongDtypeOn(*dtype), Fault::WrongValueOn(*dtype)]);
        faults.push(Fault::InputOverwrittenOn(*dtype));
    }
    if function.scalars_since().is_some() && function.result.dtype != DtypeRule::Boolean {
        faults.push(Fault::ScalarChangesDtype);
    }
    if function.operands.len() == 2 {
        faults.push(Fault::WrongForOneObject);
    }
    if function.operands.len() > 1 {
        // The operand that is changed in place keeps its shape.
        let first = usize::from(function.is_operator(OperatorForm::InPlace));
        faults.extend((first..function.operands.len()).map(Fault::BroadcastRotated));
    }
    let has = |class: ValueClass, kind: Kind| dtypes.iter().any(|d| d.kind() == kind && function.value_class(*d) == class);
    if has(ValueClass::Rounded, Kind::RealFloating) {
        faults.push(Fault::OneUlpOff);
    }
    if has(ValueClass::Approximate, Kind::RealFloating) || has(ValueClass::Approximate, Kind::ComplexFloating) {
        faults.push(Fault::RelativeErrorOf1e5);
    }
    if function.operands.len() == 2 {
        faults.push(Fault::ArgumentsSwapped);
    }
    if dtypes.iter().any(|d| function.result.dtype_of(*d, *d).is_floating()) {
        faults.extend([Fault::ZeroSignLost, Fault::NanReplaced]);
    }
    // Narrower integers do not change in float64.
    if dtypes.iter().any(|d| d.is_integer() && d.size() == 8) {
        faults.push(Fault::IntegersThroughFloat64);
    }
    faults.extend(function.rules.iter().filter(|rule| rule.doubt.is_none()).map(|rule| Fault::SpecialCaseBroken(rule.slug.clone())));
    faults
}

/// Whether a fault changes some value for the pools of witnesses, in a way that the function's freedoms do not allow. Then it can show.
#[cfg(test)]
pub(super) fn shows(fault: &Fault, function: &Function) -> bool {
    use array_assay_spec::{Freedom, witness};
    let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else { return false };
    let dtypes = DType::ALL.into_iter().filter(|d| function.operands.iter().all(|o| o.dtypes.contains(*d)));
    dtypes.into_iter().any(|dtype| {
        let small = matches!(dtype, DType::Int8 | DType::Uint8) && function.operands.len() < 3;
        // For narrow dtypes, all numbers that they have.
        let mut pool = match dtype.integer_range().filter(|_| small) {
            Some((low, high)) => (low..=high).map(Element::Int).collect(),
            None => witness::pool(dtype, dtype.is_complex() && function.operands.len() > 1 || function.operands.len() > 2),
        };
        if *fault == Fault::IntegersThroughFloat64 {
            pool.retain(|e| *e != through_float64(*e, dtype));
        }
        let free_zero = function.freedoms.zero_sign == Freedom::Any || dtype.is_complex();
        let differs = |args: &[Element]| {
            let value = |args: &[Element]| kernel.eval(dtype, args).value;
            let Some(right) = value(args).filter(|_| !function.leaves_open(dtype, args)) else { return false };
            let wrong = match fault {
                Fault::ArgumentsSwapped if args.len() == 2 => value(&[args[1], args[0]]),
                Fault::IntegersThroughFloat64 if dtype.is_integer() => {
                    let rounded: Vec<Element> = args.iter().map(|x| through_float64(*x, dtype)).collect();
                    value(&rounded)
                }
                Fault::ZeroSignLost if !free_zero && minds_zero_sign(function, dtype, args) => {
                    Some(map_components(right, |v| if v == 0.0 { 0.0 } else { v }))
                }
                Fault::NanReplaced if !dtype.is_complex() => Some(map_components(right, |v| if v.is_nan() { 0.0 } else { v })),
                _ => None,
            };
            let same = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
            wrong.is_some_and(|wrong| {
                let ((a, b), (c, d)) = (wrong.components(), right.components());
                let equal = if right.components().0.is_nan() || dtype.is_complex() { same(a, c) && same(b, d) } else { wrong == right };
                !equal || *fault == Fault::ZeroSignLost && !wrong.same_bits(right)
            })
        };
        match function.operands.len() {
            1 => pool.iter().any(|a| differs(&[*a])),
            2 => pool.iter().any(|a| pool.iter().any(|b| differs(&[*a, *b]))),
            _ => pool.iter().any(|a| pool.iter().any(|b| pool.iter().any(|c| differs(&[*a, *b, *c])))),
        }
    })
}

/// Whether the sign of a zero result matters. For approximations, only if a special case is about it.
#[cfg(test)]
fn minds_zero_sign(function: &Function, dtype: DType, args: &[Element]) -> bool {
    let speaks = |rule: &Rule| rule.claim(Spec::embedded(), function, dtype, args).is_some();
    function.value_class(dtype) != ValueClass::Approximate || function.rules.iter().any(speaks)
}

/// Another dtype, if possible of the same kind.
pub(super) fn wrong_dtype(dtype: DType) -> DType {
    match dtype {
        DType::Bool => DType::Int8,
        DType::Float32 => DType::Float64,
        DType::Float64 => DType::Float32,
        DType::Complex64 => DType::Complex128,
        DType::Complex128 => DType::Complex64,
        DType::Int64 => DType::Int32,
        DType::Uint64 => DType::Uint32,
        _ => DType::Int64,
    }
}

/// Another element.
pub(super) fn other_than(e: Element) -> Element {
    match e {
        Element::Bool(v) => Element::Bool(!v),
        Element::Int(v) => Element::Int(v ^ 1),
        other => map_components(other, other_number),
    }
}

/// Another number, which is not close.
pub(super) fn other_number(v: f64) -> f64 {
    if v.is_finite() && v.abs() < 1e30 { v + v.abs() + 1.0 } else { 1.0 }
}

/// The next number up, or down if the number is negative.
fn next_up(e: Element) -> Element {
    match e {
        Element::F32(v) if v.is_normal() => Element::F32(f32::from_bits(v.to_bits() + 1)),
        Element::F64(v) if v.is_normal() => Element::F64(f64::from_bits(v.to_bits() + 1)),
        other => other,
    }
}

/// An integer after a conversion to float64 and back.
fn through_float64(e: Element, dtype: DType) -> Element {
    match e {
        Element::Int(v) => {
            let (low, high) = dtype.integer_range().unwrap_or((i128::MIN, i128::MAX));
            Element::Int((v as f64 as i128).clamp(low, high))
        }
        other => other,
    }
}

/// Changes the components of a floating-point element.
pub(super) fn map_components(e: Element, f: impl Fn(f64) -> f64) -> Element {
    match e {
        Element::F32(v) => Element::F32(f(v.into()) as f32),
        Element::F64(v) => Element::F64(f(v)),
        Element::C64(re, im) => Element::C64(f(re.into()) as f32, f(im.into()) as f32),
        Element::C128(re, im) => Element::C128(f(re), f(im)),
        other => other,
    }
}
