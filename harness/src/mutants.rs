//! Mutants: generic faults injected into the reference, derived from the spec, which the harness has to find.

use std::fmt;
use std::str::FromStr;

use array_assay_interface::{CallError, DType, Element, Kind};
use array_assay_spec::{Claim, DtypeRule, Freedom, Function, Rule, Spec, ValueClass, witness};

use crate::generate::{Arguments, Case, Operand};

/// A fault in one function of the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// The function's category.
    pub category: String,
    /// Its name.
    pub function: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fault {
    Hidden,
    RaisesOn(DType),
    RaisesOnZeroSize,
    WrongDtypeOn(DType),
    WrongValueOn(DType),
    ScalarChangesDtype,
    RankZeroGivesRankOne,
    ZeroSizeGivesRankOne,
    ArgumentsSwapped,
    ZeroSignLost,
    NanReplaced,
    SpecialCaseBroken(String),
    OneUlpOff,
    RelativeErrorOf1e5,
    IntegersThroughFloat64,
    LastElementSkipped,
    BroadcastRotated(usize),
    InputOverwritten,
    StridedWrong,
    WrongAbove16Elements,
}

/// The names of the faults that take no argument.
const PLAIN: [(Fault, &str); 15] = [
    (Fault::Hidden, "hidden"),
    (Fault::RaisesOnZeroSize, "raises-on-zero-size"),
    (Fault::ScalarChangesDtype, "scalar-changes-dtype"),
    (Fault::RankZeroGivesRankOne, "rank-0-gives-rank-1"),
    (Fault::ZeroSizeGivesRankOne, "zero-size-gives-rank-1"),
    (Fault::ArgumentsSwapped, "arguments-swapped"),
    (Fault::ZeroSignLost, "zero-sign-lost"),
    (Fault::NanReplaced, "nan-replaced"),
    (Fault::OneUlpOff, "one-ulp-off"),
    (Fault::RelativeErrorOf1e5, "relative-error-1e-5"),
    (Fault::IntegersThroughFloat64, "integers-through-float64"),
    (Fault::LastElementSkipped, "last-element-skipped"),
    (Fault::InputOverwritten, "input-overwritten"),
    (Fault::StridedWrong, "strided-wrong"),
    (Fault::WrongAbove16Elements, "wrong-above-16-elements"),
];

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:", self.category, self.function)?;
        match &self.fault {
            Fault::RaisesOn(d) => write!(f, "raises-on={d}"),
            Fault::WrongDtypeOn(d) => write!(f, "wrong-dtype-on={d}"),
            Fault::WrongValueOn(d) => write!(f, "wrong-value-on={d}"),
            Fault::SpecialCaseBroken(slug) => write!(f, "special-case-broken={slug}"),
            Fault::BroadcastRotated(operand) => write!(f, "broadcast-rotated={operand}"),
            plain => f.write_str(PLAIN.iter().find(|(fault, _)| fault == plain).map_or("", |(_, name)| name)),
        }
    }
}

/// A text that names no mutant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the mutant `{0}`: expected category/function:fault[=argument]")]
pub struct UnknownMutant(pub String);

impl FromStr for Mutation {
    type Err = UnknownMutant;

    fn from_str(text: &str) -> Result<Self, UnknownMutant> {
        let unknown = || UnknownMutant(text.to_owned());
        let (place, fault) = text.split_once(':').ok_or_else(unknown)?;
        let (category, function) = place.split_once('/').ok_or_else(unknown)?;
        let dtype = |name: &str| name.parse::<DType>().map_err(|_| unknown());
        let fault = match fault.split_once('=') {
            Some(("raises-on", d)) => Fault::RaisesOn(dtype(d)?),
            Some(("wrong-dtype-on", d)) => Fault::WrongDtypeOn(dtype(d)?),
            Some(("wrong-value-on", d)) => Fault::WrongValueOn(dtype(d)?),
            Some(("special-case-broken", slug)) => Fault::SpecialCaseBroken(slug.to_owned()),
            Some(("broadcast-rotated", operand)) => Fault::BroadcastRotated(operand.parse().map_err(|_| unknown())?),
            Some(_) => return Err(unknown()),
            None => PLAIN.iter().find(|(_, name)| *name == fault).map(|(f, _)| f.clone()).ok_or_else(unknown)?,
        };
        Ok(Mutation { category: category.to_owned(), function: function.to_owned(), fault })
    }
}

/// The call that a mutation gets hold of.
pub struct MutatedCall<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// The function.
    pub function: &'a Function,
    /// The promoted dtype.
    pub common: DType,
    /// The operands.
    pub case: &'a Case,
    /// The promoted arguments of each element.
    pub args: &'a [Arguments],
    /// Whether all operands lie contiguous.
    pub contiguous: bool,
    /// The function's value, in the result's dtype.
    pub value: &'a dyn Fn(&[Element]) -> Option<Element>,
}

impl Mutation {
    /// Whether the function is not there at all.
    pub fn hides(&self, path: &str) -> bool {
        self.fault == Fault::Hidden && self.function == path
    }

    /// Whether it writes into its inputs.
    pub fn writes_input(&self) -> bool {
        self.fault == Fault::InputOverwritten
    }

    /// Spoils a result: its elements, dtype and shape.
    pub fn apply(&self, call: &MutatedCall<'_>, elements: &mut [Element], result: &mut (DType, Vec<usize>)) -> Result<(), CallError> {
        let raised = || CallError::raised("RuntimeError", "a mutant does not like this");
        let uses = |d: DType| call.case.dtypes().all(|used| used == d);
        let spoil_all = |elements: &mut [Element]| elements.iter_mut().for_each(|e| *e = other_than(*e));
        match &self.fault {
            Fault::Hidden | Fault::InputOverwritten => {}
            Fault::RaisesOn(d) if uses(*d) => return Err(raised()),
            Fault::RaisesOnZeroSize if elements.is_empty() => return Err(raised()),
            Fault::WrongDtypeOn(d) if uses(*d) => result.0 = wrong_dtype(result.0),
            Fault::WrongValueOn(d) if uses(*d) => spoil_all(elements),
            Fault::ScalarChangesDtype if call.case.has_scalar() => result.0 = wrong_dtype(result.0),
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
                let broadcasts = |o: &Operand| matches!(o, Operand::Array(array, _) if array.shape != result.1);
                if call.case.operands.get(*operand).is_some_and(|o| broadcasts(&o.value)) {
                    spoil_all(elements);
                }
            }
            Fault::StridedWrong if !call.contiguous => spoil_all(elements),
            Fault::WrongAbove16Elements if elements.len() > 16 => elements[16..].iter_mut().for_each(|e| *e = other_than(*e)),
            _ => {}
        }
        Ok(())
    }
}

/// A result that the rule forbids for these operands; `None` where it says nothing of them.
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

/// The mutants of a function: those faults that change what it gives.
pub fn mutants(function: &Function) -> Vec<Mutation> {
    let dtypes: Vec<DType> = DType::ALL.into_iter().filter(|d| function.operands.iter().all(|o| o.dtypes.contains(*d))).collect();
    let mut faults = vec![Fault::Hidden, Fault::RaisesOnZeroSize, Fault::RankZeroGivesRankOne, Fault::ZeroSizeGivesRankOne];
    faults.extend([Fault::LastElementSkipped, Fault::InputOverwritten, Fault::StridedWrong, Fault::WrongAbove16Elements]);
    for dtype in &dtypes {
        faults.extend([Fault::RaisesOn(*dtype), Fault::WrongDtypeOn(*dtype), Fault::WrongValueOn(*dtype)]);
    }
    if function.scalars_since().is_some() && function.result.dtype != DtypeRule::Boolean {
        faults.push(Fault::ScalarChangesDtype);
    }
    if function.operands.len() > 1 {
        faults.extend((0..function.operands.len()).map(Fault::BroadcastRotated));
    }
    let has = |class: ValueClass, kind: Kind| dtypes.iter().any(|d| d.kind() == kind && function.value_class(*d) == class);
    if has(ValueClass::Rounded, Kind::RealFloating) {
        faults.push(Fault::OneUlpOff);
    }
    if has(ValueClass::Approximate, Kind::RealFloating) || has(ValueClass::Approximate, Kind::ComplexFloating) {
        faults.push(Fault::RelativeErrorOf1e5);
    }
    for fault in [Fault::ArgumentsSwapped, Fault::ZeroSignLost, Fault::NanReplaced, Fault::IntegersThroughFloat64] {
        if shows(&fault, function, &dtypes) {
            faults.push(fault);
        }
    }
    faults.extend(function.rules.iter().filter(|rule| rule.doubt.is_none()).map(|rule| Fault::SpecialCaseBroken(rule.slug.clone())));
    faults.into_iter().map(|fault| Mutation { category: function.category.clone(), function: function.name.clone(), fault }).collect()
}

/// Whether a fault changes any value on the pools of witnesses, in a way that the function's freedoms do not allow.
fn shows(fault: &Fault, function: &Function, dtypes: &[DType]) -> bool {
    let Some(kernel) = array_assay_oracle::kernel(&function.name) else { return false };
    dtypes.iter().any(|dtype| {
        let mut pool = witness::pool(*dtype, dtype.is_complex() && function.operands.len() > 1 || function.operands.len() > 2);
        if *fault == Fault::IntegersThroughFloat64 {
            pool.retain(|e| *e != through_float64(*e, *dtype));
        }
        let free_zero = function.freedoms.zero_sign == Freedom::Any || dtype.is_complex();
        let differs = |args: &[Element]| {
            let value = |args: &[Element]| kernel.eval(*dtype, args).value;
            let Some(right) = value(args).filter(|_| !function.leaves_open(*dtype, args)) else { return false };
            let wrong = match fault {
                Fault::ArgumentsSwapped if args.len() == 2 => value(&[args[1], args[0]]),
                Fault::IntegersThroughFloat64 if dtype.is_integer() => {
                    let rounded: Vec<Element> = args.iter().map(|x| through_float64(*x, *dtype)).collect();
                    value(&rounded)
                }
                Fault::ZeroSignLost if !free_zero && minds_zero_sign(function, *dtype, args) => {
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

/// Whether the sign of a zero result matters: of approximations only where a special case speaks of it.
fn minds_zero_sign(function: &Function, dtype: DType, args: &[Element]) -> bool {
    let speaks = |rule: &Rule| rule.claim(Spec::embedded(), function, dtype, args).is_some();
    function.value_class(dtype) != ValueClass::Approximate || function.rules.iter().any(speaks)
}

fn wrong_dtype(dtype: DType) -> DType {
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

fn other_than(e: Element) -> Element {
    match e {
        Element::Bool(v) => Element::Bool(!v),
        Element::Int(v) => Element::Int(v ^ 1),
        other => map_components(other, |v| if v.is_finite() && v.abs() < 1e30 { 2.0 * v + 1.0 } else { 1.0 }),
    }
}

fn next_up(e: Element) -> Element {
    match e {
        Element::F32(v) if v.is_normal() => Element::F32(f32::from_bits(v.to_bits() + 1)),
        Element::F64(v) if v.is_normal() => Element::F64(f64::from_bits(v.to_bits() + 1)),
        other => other,
    }
}

fn through_float64(e: Element, dtype: DType) -> Element {
    match e {
        Element::Int(v) => {
            let (low, high) = dtype.integer_range().unwrap_or((i128::MIN, i128::MAX));
            Element::Int((v as f64 as i128).clamp(low, high))
        }
        other => other,
    }
}

fn map_components(e: Element, f: impl Fn(f64) -> f64) -> Element {
    match e {
        Element::F32(v) => Element::F32(f(v.into()) as f32),
        Element::F64(v) => Element::F64(f(v)),
        Element::C64(re, im) => Element::C64(f(re.into()) as f32, f(im.into()) as f32),
        Element::C128(re, im) => Element::C128(f(re), f(im)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        let spec = Spec::embedded();
        for function in &spec.functions {
            for mutant in mutants(function) {
                assert_eq!(mutant.to_string().parse::<Mutation>().unwrap(), mutant);
            }
        }
    }

    #[test]
    fn equivalent_faults_are_left_out() {
        let spec = Spec::embedded();
        let faults =
            |name: &str| -> Vec<Fault> { mutants(spec.function("elementwise", name).unwrap()).into_iter().map(|m| m.fault).collect() };
        assert!(!faults("add").contains(&Fault::ArgumentsSwapped));
        assert!(faults("subtract").contains(&Fault::ArgumentsSwapped));
        assert!(!faults("exp").contains(&Fault::IntegersThroughFloat64));
    }
}
