//! One element of a result against the oracle and the special cases.

use array_assay_format::Level;
use array_assay_interface::{DType, Element};
use array_assay_oracle::Kernel;
use array_assay_spec::{Claim, Function, Rule, Spec, ValueClass};

use super::tally::AccuracyTally;

/// What came of an element.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// As it should be.
    Right,
    /// Right with subnormal numbers taken as zero.
    Flushed,
    /// Another result that the text allows.
    Alternative,
    /// The text leaves it open, or a special case speaks of it.
    Unjudged,
    /// Right only roughly: the error in ULP, above the profile's limit.
    Inaccurate(f64),
    /// Wrong: what it should be.
    Wrong(String),
}

/// Judges elements of one function on one promoted dtype.
pub struct ValueJudge<'a> {
    spec: &'a Spec,
    function: &'a Function,
    kernel: &'a Kernel,
    dtype: DType,
    result: DType,
    class: ValueClass,
    limit: f64,
}

impl<'a> ValueJudge<'a> {
    /// The judge of `function` for operands promoted to `dtype`, with results of dtype `result`.
    pub fn new(spec: &'a Spec, function: &'a Function, kernel: &'a Kernel, dtype: DType, result: DType) -> ValueJudge<'a> {
        let limit = spec.accuracy_limit(&function.name, result).unwrap_or(4.0);
        ValueJudge { spec, function, kernel, dtype, result, class: function.value_class(dtype), limit }
    }

    /// The limit of the accuracy profile, where values are approximations.
    pub fn limit(&self) -> Option<f64> {
        (self.class == ValueClass::Approximate).then_some(self.limit)
    }

    /// Judges one element; `args` have been promoted.
    pub fn judge(&self, args: &[Element], got: Element, accuracy: &mut AccuracyTally) -> Judgement {
        let answer = self.kernel.eval(self.dtype, args);
        let Some(want) = answer.value else { return Judgement::Unjudged };
        let want = want.cast(self.result);
        if self.agrees(want, got) {
            if self.class == ValueClass::Approximate && is_finite(want) {
                accuracy.count += 1;
            }
            return Judgement::Right;
        }
        if answer.also.is_some_and(|also| self.agrees(also.cast(self.result), got)) {
            return Judgement::Alternative;
        }
        let finite = args.iter().all(|x| is_finite(*x));
        if self.class == ValueClass::Approximate && finite && is_finite(want) && is_finite(got) {
            let distance = distance(want, got);
            accuracy.count += 1;
            accuracy.sum += distance.min(self.limit * 1e6);
            if distance <= self.limit {
                self.measure(args, got, distance, accuracy);
                if distance + 1.0 <= self.limit || self.kernel.error(self.dtype, args, got) <= self.limit {
                    return Judgement::Right;
                }
            }
        }
        self.look_closer(args, want, got, finite, accuracy)
    }

    /// The greatest error is measured against the unrounded value, where it may exceed what was seen so far.
    fn measure(&self, args: &[Element], got: Element, distance: f64, accuracy: &mut AccuracyTally) {
        if distance + 0.5 > accuracy.max {
            let error = self.kernel.error(self.dtype, args, got);
            if error > accuracy.max {
                accuracy.max = error;
                accuracy.worst = Some(args.to_vec());
            }
        }
    }

    fn look_closer(&self, args: &[Element], want: Element, got: Element, finite: bool, accuracy: &mut AccuracyTally) -> Judgement {
        if self.is_claimed(args) || self.function.leaves_open(self.dtype, args) {
            return Judgement::Unjudged;
        }
        if self.agrees_flushed(args, want, got) {
            return Judgement::Flushed;
        }
        let complex = self.dtype.is_complex();
        // Of complex numbers with infinite or NaN components only the special cases speak.
        if complex && !finite && self.class == ValueClass::Approximate {
            return Judgement::Unjudged;
        }
        let wrong = Judgement::Wrong(want.to_string());
        if self.class != ValueClass::Approximate {
            return wrong;
        }
        if finite && is_finite(want) {
            let error = if is_finite(got) { self.kernel.error(self.dtype, args, got) } else { f64::INFINITY };
            if error <= self.limit {
                return Judgement::Right;
            }
            if self.kernel.plausible(self.dtype, args, got) || complex && !args.iter().chain([&want]).all(|x| is_moderate(*x)) {
                if error.is_finite() && error > accuracy.max {
                    accuracy.max = error;
                    accuracy.worst = Some(args.to_vec());
                }
                return Judgement::Inaccurate(error);
            }
            return wrong;
        }
        if finite && self.kernel.plausible(self.dtype, args, got) {
            return Judgement::Inaccurate(f64::INFINITY);
        }
        // The limit at an infinite argument.
        if !finite && is_finite(want) && is_finite(got) && distance(want, got) <= 2f64.powi(self.result.precision() / 2) {
            return Judgement::Inaccurate(distance(want, got));
        }
        if complex && finite { Judgement::Inaccurate(f64::INFINITY) } else { wrong }
    }

    /// Whether some special case speaks of these operands; its own stream judges it.
    fn is_claimed(&self, args: &[Element]) -> bool {
        self.function.rules.iter().any(|rule| rule.claim(self.spec, self.function, self.dtype, args).is_some())
    }

    /// Bit for bit, but for what is free: payloads and signs of NaN, and the sign of zero where the function frees it.
    fn agrees(&self, want: Element, got: Element) -> bool {
        let free_zero = self.function.freedoms.zero_sign == array_assay_spec::Freedom::Any;
        // Of NaN results the sign matters to no function but copysign, whose special cases say so.
        agree(want, got, free_zero || self.class == ValueClass::Approximate && self.result.is_complex())
    }

    fn agrees_flushed(&self, args: &[Element], want: Element, got: Element) -> bool {
        let subnormal: Vec<usize> = (0..args.len()).filter(|i| has_subnormal(args[*i])).collect();
        let close = |want: Element| {
            agree(want, got, true)
                || agree(flush(want), got, true)
                || self.class == ValueClass::Approximate && is_finite(want) && is_finite(got) && distance(want, got) <= self.limit
        };
        if subnormal.is_empty() {
            return has_subnormal(want) && agree(flush(want), got, true);
        }
        (0..1usize << subnormal.len()).any(|chosen| {
            let mut flushed = args.to_vec();
            for (bit, i) in subnormal.iter().enumerate() {
                if chosen & 1 << bit != 0 {
                    flushed[*i] = flush(flushed[*i]);
                }
            }
            let answer = self.kernel.eval(self.dtype, &flushed);
            [answer.value, answer.also].into_iter().flatten().any(|want| close(want.cast(self.result)))
        })
    }

    /// Judges an element by one special case; `None` where it says nothing of these operands.
    pub fn judge_special(&self, rule: &Rule, args: &[Element], got: Element) -> Option<Judgement> {
        let judgement = |args: &[Element]| {
            Some(match rule.claim(self.spec, self.function, self.dtype, args)? {
                Claim::OneOf(expected) => match expected.iter().position(|e| e.is_met_by(got, self.result)) {
                    Some(0) => Judgement::Right,
                    Some(_) => Judgement::Alternative,
                    None => Judgement::Wrong(expected.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")),
                },
                Claim::Holds(holds) if Rule::holds(&holds, self.function, self.dtype, args, got) => Judgement::Right,
                Claim::Holds(holds) => Judgement::Wrong(format!("a result for which {holds}")),
            })
        };
        let verdict = judgement(args)?;
        if !matches!(verdict, Judgement::Wrong(_)) || !args.iter().any(|x| has_subnormal(*x)) {
            return Some(verdict);
        }
        let flushed: Vec<Element> = args.iter().map(|x| flush(*x)).collect();
        let right_when_flushed = match judgement(&flushed) {
            Some(Judgement::Wrong(_)) => false,
            Some(_) => true,
            // Taken as zero, the operands leave this case: then the function's own value or another case decides.
            None => {
                let answer = self.kernel.eval(self.dtype, &flushed);
                [answer.value, answer.also].into_iter().flatten().any(|want| agree(want.cast(self.result), got, true))
            }
        };
        Some(if right_when_flushed { Judgement::Flushed } else { verdict })
    }
}

impl Judgement {
    /// How binding a judgement below `right` is.
    pub fn level(&self) -> Option<Level> {
        match self {
            Judgement::Wrong(_) => Some(Level::Must),
            Judgement::Inaccurate(_) => Some(Level::Should),
            _ => None,
        }
    }
}

fn agree(want: Element, got: Element, free_zero: bool) -> bool {
    if want.same_bits(got) {
        return true;
    }
    let same = |a: f64, b: f64| a.is_nan() && b.is_nan() || a == b && (free_zero || a.is_sign_negative() == b.is_sign_negative());
    match (want, got) {
        (Element::Bool(_) | Element::Int(_), _) | (_, Element::Bool(_) | Element::Int(_)) => want == got,
        _ => {
            let ((a, b), (c, d)) = (want.components(), got.components());
            same(a, c) && same(b, d)
        }
    }
}

fn is_finite(x: Element) -> bool {
    let (re, im) = x.components();
    re.is_finite() && im.is_finite()
}

/// Whether squares and products of two such numbers neither overflow nor underflow.
fn is_moderate(x: Element) -> bool {
    let (re, im) = x.components();
    let limit = if matches!(x, Element::F32(_) | Element::C64(..)) { 2f64.powi(30) } else { 2f64.powi(250) };
    [re, im].into_iter().all(|v| v == 0.0 || v.abs() < limit && v.abs() > 1.0 / limit)
}

fn has_subnormal(x: Element) -> bool {
    match x {
        Element::F32(v) => v.is_subnormal(),
        Element::F64(v) => v.is_subnormal(),
        Element::C64(re, im) => re.is_subnormal() || im.is_subnormal(),
        Element::C128(re, im) => re.is_subnormal() || im.is_subnormal(),
        Element::Bool(_) | Element::Int(_) => false,
    }
}

/// Subnormal components become zeros of their sign.
fn flush(x: Element) -> Element {
    fn single(v: f32) -> f32 {
        if v.is_subnormal() { 0f32.copysign(v) } else { v }
    }
    fn double(v: f64) -> f64 {
        if v.is_subnormal() { 0f64.copysign(v) } else { v }
    }
    match x {
        Element::F32(v) => Element::F32(single(v)),
        Element::F64(v) => Element::F64(double(v)),
        Element::C64(re, im) => Element::C64(single(re), single(im)),
        Element::C128(re, im) => Element::C128(double(re), double(im)),
        other => other,
    }
}

/// Distance of two finite elements: for real ones in ULP, counted by representable numbers; for complex ones normwise,
/// in units of eps times the modulus of `want`.
fn distance(want: Element, got: Element) -> f64 {
    match (want, got) {
        (Element::F32(a), Element::F32(b)) => (order32(a) - order32(b)).unsigned_abs() as f64,
        (Element::F64(a), Element::F64(b)) => (order64(a) - order64(b)).unsigned_abs() as f64,
        _ => {
            let ((a, b), (c, d)) = (want.components(), got.components());
            let (eps, tiny) = match want {
                Element::C64(..) => (f64::from(f32::EPSILON), f64::from(f32::from_bits(1))),
                _ => (f64::EPSILON, f64::from_bits(1)),
            };
            // Scaled, so that squares neither overflow nor underflow.
            let scale = a.abs().max(b.abs()).max(tiny);
            ((c / scale - a / scale).hypot(d / scale - b / scale) / (a / scale).hypot(b / scale).max(f64::MIN_POSITIVE)) / eps
        }
    }
}

fn order32(v: f32) -> i128 {
    let bits = i128::from(v.to_bits() & 0x7fff_ffff);
    if v.is_sign_negative() { -bits } else { bits }
}

fn order64(v: f64) -> i128 {
    let bits = i128::from(v.to_bits() & !(1 << 63));
    if v.is_sign_negative() { -bits } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(function: &str, dtype: DType, args: &[Element], got: Element) -> Judgement {
        let spec = Spec::embedded();
        let function = spec.function("elementwise", function).unwrap();
        let kernel = array_assay_oracle::kernel(&function.name).unwrap();
        let result = function.result.dtype_of(dtype, dtype);
        ValueJudge::new(spec, function, kernel, dtype, result).judge(args, got, &mut AccuracyTally::default())
    }

    #[test]
    fn correctly_rounded_functions_are_exact() {
        let three = Element::F64(3f64.sqrt());
        assert_eq!(judge("sqrt", DType::Float64, &[Element::F64(3.0)], three), Judgement::Right);
        let off = Element::F64(f64::from_bits(3f64.sqrt().to_bits() + 1));
        assert!(matches!(judge("sqrt", DType::Float64, &[Element::F64(3.0)], off), Judgement::Wrong(_)));
    }

    #[test]
    fn approximations_are_graded_and_only_wrong_ones_fail() {
        let (x, true_value) = (Element::F64(1.0), 1f64.sin());
        let off = |ulps: u64| Element::F64(f64::from_bits(true_value.to_bits() + ulps));
        assert_eq!(judge("sin", DType::Float64, &[x], off(2)), Judgement::Right);
        assert!(matches!(judge("sin", DType::Float64, &[x], off(1 << 20)), Judgement::Inaccurate(_)));
        assert!(matches!(judge("sin", DType::Float64, &[x], off(1 << 34)), Judgement::Wrong(_)));
    }

    #[test]
    fn flushed_subnormals_are_right() {
        let tiny = Element::F64(f64::MIN_POSITIVE / 4.0);
        let args = [tiny, Element::F64(0.0)];
        assert_eq!(judge("add", DType::Float64, &args, Element::F64(0.0)), Judgement::Unjudged, "a special case speaks of it");
        let args = [tiny, tiny];
        assert_eq!(judge("add", DType::Float64, &args, Element::F64(0.0)), Judgement::Flushed);
    }

    #[test]
    fn floor_divide_may_round_the_quotient_first() {
        let args = [Element::F64(1.0), Element::F64(0.1)];
        for right in [9.0, 10.0] {
            assert!(!matches!(judge("floor_divide", DType::Float64, &args, Element::F64(right)), Judgement::Wrong(_)), "{right}");
        }
        assert!(matches!(judge("floor_divide", DType::Float64, &args, Element::F64(8.0)), Judgement::Wrong(_)));
    }
}
