//! Judges one element of a result, against the oracle and the special cases.

use array_assay_format::{Cause, Level};
use array_assay_interface::{DType, Element};
use array_assay_oracle::Kernel;
use array_assay_spec::{Claim, Expected, Function, Rule, RuleBody, Spec, SymmetryMap, ValueClass};

use super::demand::{Is, Number, Real};
use super::tally::AccuracyTally;
use crate::elements::{agree, flush, has_subnormal, with_other_nans};

/// The judgement on one element.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// Right.
    Right,
    /// Right if subnormal numbers are taken as zero.
    Flushed,
    /// Another result that the text allows.
    Alternative,
    /// Not judged: the text leaves it open, or the stream of a special case judges it.
    Unjudged,
    /// Correctly rounded in these modes, but not in the default mode, which the standard recommends.
    Rounded(Modes),
    /// Inaccurate: the error in ULP, which is above the limit of the accuracy profile.
    Inaccurate(f64),
    /// Wrong. Holds what the element should be.
    Wrong(String),
    /// Wrong by a special case. Holds the index of its rule, and what it says.
    CaseBroken(usize, String),
}

/// Rounding modes of IEEE 754 besides the default one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    down: bool,
    up: bool,
    to_zero: bool,
}

impl Modes {
    /// All modes, as for an exact result.
    pub const ALL: Modes = Modes { down: true, up: true, to_zero: true };

    /// The modes that are in both.
    pub fn and(self, other: Modes) -> Modes {
        Modes { down: self.down && other.down, up: self.up && other.up, to_zero: self.to_zero && other.to_zero }
    }

    /// Whether there is no mode.
    pub fn is_empty(self) -> bool {
        !(self.down || self.up || self.to_zero)
    }
}

/// Judges elements of one function on one promoted dtype.
pub struct ValueJudge<'a> {
    spec: &'a Spec,
    function: &'a Function,
    kernel: &'a Kernel,
    dtype: DType,
    /// The dtypes that the operands had before they were promoted.
    operands: [DType; 3],
    result: DType,
    class: ValueClass,
    /// The limit of the accuracy profile, in ULP. `None` if accuracy is only recorded.
    limit: Option<f64>,
    /// Whether zeros come back from the library without their sign.
    zeros_lose_sign: bool,
    /// Whether one NaN comes back for all, so that its sign means nothing.
    nans_lose_sign: bool,
}

/// The number of candidates for the greatest error that are always measured.
const MEASURED: u32 = 8;

/// The greatest distance that counts in the mean, so that one wrong element does not outweigh the others.
const MEAN_CAP: f64 = 1e6;

impl<'a> ValueJudge<'a> {
    /// The judge of `function` for operands promoted to `dtype`, with results of dtype `result`.
    pub fn new(spec: &'a Spec, function: &'a Function, kernel: &'a Kernel, dtype: DType, result: DType) -> ValueJudge<'a> {
        let limit = spec.accuracy_limit(function.semantics(), result);
        ValueJudge {
            spec,
            function,
            kernel,
            dtype,
            operands: [dtype; 3],
            result,
            class: function.value_class(dtype),
            limit,
            zeros_lose_sign: false,
            nans_lose_sign: false,
        }
    }

    /// The judge for operands that had these dtypes before promotion. A number that is subnormal in its own dtype may be normal in the
    /// promoted one.
    pub fn of_operands(mut self, dtypes: impl Iterator<Item = DType>) -> ValueJudge<'a> {
        self.operands.iter_mut().zip(dtypes).for_each(|(own, dtype)| *own = dtype);
        self
    }

    /// The judge for a library whose zeros come back without their sign, if `lost` is set. A zero then stands for zeros of both signs.
    pub fn of_signless_zeros(mut self, lost: bool) -> ValueJudge<'a> {
        self.zeros_lose_sign = lost;
        self
    }

    /// The judge for a library in which one NaN stands for all, if `lost` is set. A result is then right if it is right for a NaN of either
    /// sign.
    pub fn of_signless_nans(mut self, lost: bool) -> ValueJudge<'a> {
        self.nans_lose_sign = lost;
        self
    }

    /// The arguments with the signs of NaN flipped, if these signs mean nothing. `None` if they matter or there is no NaN.
    fn mirrored(&self, args: &[Element]) -> Option<Vec<Element>> {
        let has_nan = self.nans_lose_sign && args.iter().any(|x| with_other_nans(*x).is_some());
        has_nan.then(|| args.iter().map(|x| with_other_nans(*x).unwrap_or(*x)).collect())
    }

    /// The elements that the library may have had before it handed this one back: the same with other signs of zeros.
    fn before_it_was_handed_back(&self, got: Element) -> impl Iterator<Item = Element> {
        let other_signs = if self.zeros_lose_sign { [(true, false), (false, true), (true, true)].as_slice() } else { &[] };
        other_signs.iter().map(move |flips| with_zeros_flipped(got, *flips)).filter(move |other| !other.same_bits(got))
    }

    /// Whether the `i`-th operand is subnormal, in its own dtype or promoted.
    fn is_subnormal(&self, i: usize, x: Element) -> bool {
        has_subnormal(x) || self.operands.get(i).is_some_and(|own| *own != self.dtype && has_subnormal(x.cast(*own)))
    }

    /// The `i`-th operand, with zero in place of each subnormal component.
    fn flushed(&self, i: usize, x: Element) -> Element {
        match self.operands.get(i) {
            Some(own) if *own != self.dtype => flush(flush(x.cast(*own)).cast(self.dtype)),
            _ => flush(x),
        }
    }

    /// The limit of the accuracy profile, if values are approximations.
    pub fn limit(&self) -> Option<f64> {
        self.limit.filter(|_| self.class == ValueClass::Approximate)
    }

    /// Whether values are approximations, whose errors are recorded.
    pub fn is_approximate(&self) -> bool {
        self.class == ValueClass::Approximate
    }

    /// Judges one element. `args` are the promoted arguments.
    pub fn judge(&self, args: &[Element], got: Element, accuracy: &mut AccuracyTally) -> Judgement {
        let judgement = self.judge_as_it_is(args, got, accuracy);
        let is_wrong = |judgement: &Judgement| matches!(judgement, Judgement::Wrong(_) | Judgement::CaseBroken(..));
        if !is_wrong(&judgement) {
            return judgement;
        }
        let right = |args: &[Element], got| !is_wrong(&self.judge_as_it_is(args, got, &mut AccuracyTally::default()));
        let is_right = self.before_it_was_handed_back(got).any(|other| right(args, other))
            || self.mirrored(args).is_some_and(|mirrored| right(&mirrored, got));
        if is_right { Judgement::Right } else { judgement }
    }

    /// Judges one element without regard to lost signs.
    fn judge_as_it_is(&self, args: &[Element], got: Element, accuracy: &mut AccuracyTally) -> Judgement {
        let answer = self.kernel.eval(self.dtype, args);
        let Some(want) = answer.value else { return self.judge_operator_by_cases(args, got) };
        let want = want.cast(self.result);
        if self.agrees(want, got) {
            if self.class == ValueClass::Approximate && is_finite(want) {
                accuracy.count += 1;
            }
            return Judgement::Right;
        }
        if answer.alternative.is_some_and(|alternative| self.agrees(alternative.cast(self.result), got)) {
            return Judgement::Alternative;
        }
        if agree(want, got, true) {
            // Only the sign of a zero differs. That is wrong if a special case says so; otherwise approximations may have either sign.
            return match self.judge_by_cases(args, got) {
                Some(judgement) => judgement,
                None if self.class == ValueClass::Approximate => Judgement::Right,
                None => self.look_closer(args, want, got, true, accuracy),
            };
        }
        let finite = args.iter().all(|x| is_finite(*x));
        if self.class == ValueClass::Approximate && finite && is_finite(want) && is_finite(got) {
            let distance = distance(want, got);
            accuracy.count += 1;
            accuracy.sum += distance.min(MEAN_CAP);
            if distance <= self.tolerance() {
                self.measure(args, got, distance, accuracy);
                // `distance` is measured from the rounded value, so near the limit the exact error decides.
                if distance + 1.0 <= self.tolerance() || self.kernel.error(self.dtype, args, got) <= self.tolerance() {
                    return Judgement::Right;
                }
            }
        }
        self.look_closer(args, want, got, finite, accuracy)
    }

    /// The distance in ULP up to which a result is right without a closer look.
    fn tolerance(&self) -> f64 {
        self.limit.unwrap_or(4.0)
    }

    /// The rounding modes in which an inexact result is correctly rounded. `None` if there is no such mode, or the result is exact.
    pub fn rounding_modes(&self, args: &[Element], got: Element) -> Option<Modes> {
        let neighbours = match got {
            Element::F32(v) => [v.next_down(), v.next_up()].map(Element::F32),
            Element::F64(v) => [v.next_down(), v.next_up()].map(Element::F64),
            _ => return None,
        };
        if self.class != ValueClass::Rounded || !args.iter().all(|x| is_finite(*x)) {
            return None;
        }
        if let Some(modes) = self.rounding_modes_at_an_end(args, got, neighbours) {
            return Some(modes);
        }
        if !is_finite(got) {
            return None;
        }
        let error = |x: Element| if is_finite(x) { self.kernel.error(self.dtype, args, x) } else { f64::INFINITY };
        let negative = got.components().0.is_sign_negative();
        let largest = neighbours.iter().any(|x| !is_finite(*x));
        let [below, above] = neighbours.map(error);
        let own = error(got);
        if own == 0.0 || own.is_nan() {
            return None;
        }
        // Whether the true value lies above the result. If the result is the greatest number, it lies away from zero.
        let is_above = match own < 1.0 {
            // Both neighbours are equally far, as for a product that underflows to almost nothing.
            true if above == below => return None,
            true => above < below,
            false if largest => !negative,
            false => self.is_above_absorbed(args, got, neighbours)?,
        };
        Some(Modes { down: is_above, up: !is_above, to_zero: is_above != negative })
    }

    /// The modes of a result at the end of the range: infinity where the default mode gives the greatest number, or the least subnormal
    /// number where it gives zero.
    fn rounding_modes_at_an_end(&self, args: &[Element], got: Element, neighbours: [Element; 2]) -> Option<Modes> {
        let want = self.kernel.eval(self.dtype, args).value?.cast(self.result).components().0;
        let got = got.components().0;
        let beside = neighbours.iter().any(|x| x.components().0 == want) && want != got;
        let overflows = got.is_infinite() && want.is_finite();
        let underflows =
            want == 0.0 && args.iter().all(|x| x.components().0 != 0.0) && !matches!(self.function.semantics(), "add" | "subtract");
        (beside && (overflows || underflows)).then_some(Modes { down: got < 0.0, up: got > 0.0, to_zero: false })
    }

    /// For a sum in which one operand is so small that it does not change the other one, and a result that is the next number on the small
    /// operand's side: whether the true value lies above the result.
    fn is_above_absorbed(&self, args: &[Element], got: Element, neighbours: [Element; 2]) -> Option<bool> {
        let sign = match self.function.semantics() {
            "add" => 1.0,
            "subtract" => -1.0,
            _ => return None,
        };
        let [x1, x2] = [args.first()?.components().0, sign * args.get(1)?.components().0];
        let (large, small) = if x1.abs() > x2.abs() { (x1, x2) } else { (x2, x1) };
        let want = self.kernel.eval(self.dtype, args).value?.cast(self.result).components().0;
        let is_result_above = got.components().0 > want;
        let beside = neighbours.iter().any(|x| x.components().0 == want);
        (beside && want == large && small != 0.0 && (small > 0.0) == is_result_above).then_some(!is_result_above)
    }

    /// Measures the error against the unrounded value, if it may be the greatest so far.
    fn measure(&self, args: &[Element], got: Element, distance: f64, accuracy: &mut AccuracyTally) {
        // Every value within half an ULP of the maximum is a candidate. Measuring in arbitrary precision costs as much as a thousand calls,
        // so after many candidates only values that certainly exceed the maximum are measured.
        let certain = distance - 0.5 > accuracy.max;
        if certain || distance + 0.5 > accuracy.max && accuracy.measured < MEASURED {
            accuracy.measured += 1;
            accuracy.note(self.kernel.error(self.dtype, args, got), args);
        }
    }

    /// Judges an element that does not agree with the oracle at first sight.
    fn look_closer(&self, args: &[Element], want: Element, got: Element, finite: bool, accuracy: &mut AccuracyTally) -> Judgement {
        // Only special cases say something of complex numbers with infinite or NaN components.
        if self.class == ValueClass::Approximate && self.dtype.is_complex() && !finite {
            return self.judge_operator_by_cases(args, got);
        }
        if self.function.leaves_open(self.dtype, args) {
            return Judgement::Unjudged;
        }
        if let Some(judgement) = self.judge_by_cases(args, got) {
            return judgement;
        }
        if self.agrees_flushed(args, want, got) {
            return Judgement::Flushed;
        }
        if let Some(modes) = self.rounding_modes(args, got).filter(|_| finite) {
            return Judgement::Rounded(modes);
        }
        let mut wrong = Judgement::Wrong(want.to_string());
        if self.class != ValueClass::Approximate {
            return wrong;
        }
        if args.iter().enumerate().any(|(i, x)| self.is_subnormal(i, *x)) {
            // The text lets a library without subnormal numbers choose what it makes of one in an approximation.
            if self.dtype.is_complex() {
                return Judgement::Unjudged;
            }
            wrong = Judgement::Unjudged;
        }
        if self.dtype.is_complex() {
            return self.look_closer_at_complex(args, want, got, finite, accuracy);
        }
        if !finite || !is_finite(want) {
            // The argument is infinite, or the result overflows.
            let error = if is_finite(want) && is_finite(got) { distance(want, got) } else { f64::INFINITY };
            if self.limit.is_some_and(|limit| error <= limit) {
                return Judgement::Right;
            }
            let plausible = error <= 2f64.powi(self.result.precision() / 2) || finite && self.kernel.plausible(self.dtype, args, got);
            return if plausible { Judgement::Inaccurate(error) } else { wrong };
        }
        let error = if is_finite(got) { self.kernel.error(self.dtype, args, got) } else { f64::INFINITY };
        if self.limit.is_some_and(|limit| error <= limit) {
            return Judgement::Right;
        }
        if !self.kernel.plausible(self.dtype, args, got) {
            return wrong;
        }
        accuracy.note(error, args);
        if self.limit.is_some() { Judgement::Inaccurate(error) } else { Judgement::Right }
    }

    /// Judges a complex approximation. The standard asks nothing of its accuracy, and only special cases say something of infinite or NaN
    /// components. So a result is wrong only if half of its digits are wrong, at magnitudes at which no way of computing it overflows or
    /// underflows.
    fn look_closer_at_complex(
        &self,
        args: &[Element],
        want: Element,
        got: Element,
        finite: bool,
        accuracy: &mut AccuracyTally,
    ) -> Judgement {
        let moderate = finite && args.iter().chain([&want]).all(|x| is_moderate(*x));
        // The right result is zero, and the library's way to it may overflow.
        let underflow = want.components() == (0.0, 0.0) && !is_finite(got);
        if !moderate || underflow {
            return Judgement::Unjudged;
        }
        let error = if is_finite(got) { self.kernel.error(self.dtype, args, got) } else { f64::INFINITY };
        if self.limit.is_some_and(|limit| error <= limit) {
            return Judgement::Right;
        }
        let ((a, b), (c, d)) = (want.components(), got.components());
        let miss = (c - a).hypot(d - b);
        let allowed = 2f64.powi(-self.result.precision() / 2) * a.hypot(b).max(1.0);
        // NaN counts as an error beyond every bound.
        if (miss > allowed || miss.is_nan()) && !self.kernel.plausible(self.dtype, args, got) {
            return Judgement::Wrong(want.to_string());
        }
        accuracy.note(error, args);
        Judgement::Inaccurate(error)
    }

    /// Judges an element that only special cases say something of. An operator has no streams of special cases, so they are judged here.
    fn judge_operator_by_cases(&self, args: &[Element], got: Element) -> Judgement {
        let judged = self.function.operator.as_ref().and_then(|_| self.judge_by_cases(args, got));
        judged.unwrap_or(Judgement::Unjudged)
    }

    /// Judges an element by the special cases that state a result. `None` if none is about these operands.
    pub fn judge_by_cases(&self, args: &[Element], got: Element) -> Option<Judgement> {
        let want = self.kernel.eval(self.dtype, args).value;
        let mut spoken = None;
        for (i, rule) in self.function.rules.iter().enumerate() {
            if matches!(rule.body, RuleBody::Holds { .. }) {
                continue;
            }
            match self.judge_by_case(rule, args, got, want) {
                None => {}
                // A symmetry is judged only in its own stream, beside the mapped argument.
                Some(_) if matches!(rule.body, RuleBody::Symmetry(_)) => spoken = Some(Judgement::Unjudged),
                Some(Judgement::Wrong(expected)) if rule.doubt.is_none() && rule.level == Level::Must => {
                    return Some(Judgement::CaseBroken(i, expected));
                }
                // If a special case names an approximation, the check of the value judges its accuracy.
                Some(Judgement::Right) if self.names_an_approximation(rule, args) => {}
                Some(_) => spoken = Some(Judgement::Unjudged),
            }
        }
        spoken
    }

    /// Whether a special case states an approximation for these operands.
    fn names_an_approximation(&self, rule: &Rule, args: &[Element]) -> bool {
        let claim = rule.claim(self.spec, self.function, self.dtype, args);
        matches!(claim, Some(Claim::OneOf(expected)) if expected.first().is_some_and(Expected::is_approximate))
    }

    /// Whether a result breaks some special case that the text demands, including symmetries. If it does, a symmetry says nothing of the
    /// mapped argument.
    pub fn breaks_some_case(&self, args: &[Element], got: Element) -> bool {
        let binding = |rule: &&Rule| rule.level == Level::Must && rule.doubt.is_none() && !matches!(rule.body, RuleBody::Holds { .. });
        self.function.rules.iter().filter(binding).any(|rule| matches!(self.judge_special(rule, args, got), Some(Judgement::Wrong(_))))
    }

    /// Whether some special case that the text demands is about these operands.
    pub fn is_in_some_case(&self, args: &[Element]) -> bool {
        let binding = |rule: &&Rule| rule.level == Level::Must && rule.doubt.is_none() && !matches!(rule.body, RuleBody::Symmetry(_));
        self.function.rules.iter().filter(binding).any(|rule| rule.claim(self.spec, self.function, self.dtype, args).is_some())
    }

    /// Whether two elements are equal to the last bit. Payloads and signs of NaN do not matter, nor does the sign of zero if the function
    /// leaves it open.
    fn agrees(&self, want: Element, got: Element) -> bool {
        let free_zero = self.function.freedoms.zero_sign == array_assay_spec::Freedom::Any;
        // Only `copysign` cares for the sign of NaN, and its special cases say so.
        agree(want, got, free_zero || self.class == ValueClass::Approximate && self.result.is_complex())
    }

    /// Whether the right result is the least normal number, but the true value lies below it. Hardware that flushes takes such a value as
    /// zero.
    fn rounds_up_to_normal(&self, args: &[Element], want: Element) -> bool {
        let [inner, outer] = match want {
            Element::F32(v) if v.abs() == f32::MIN_POSITIVE => {
                [-1, 1].map(|step| Element::F32(f32::from_bits(v.to_bits().wrapping_add_signed(step))))
            }
            Element::F64(v) if v.abs() == f64::MIN_POSITIVE => {
                [-1, 1].map(|step| Element::F64(f64::from_bits(v.to_bits().wrapping_add_signed(step))))
            }
            _ => return false,
        };
        self.kernel.error(self.dtype, args, inner) < self.kernel.error(self.dtype, args, outer)
    }

    /// The operands with some of the subnormal ones taken as zero: first none of them, at last all.
    fn flushings(&self, args: &[Element]) -> impl ExactSizeIterator<Item = Vec<Element>> {
        let subnormal: Vec<usize> = (0..args.len()).filter(|i| self.is_subnormal(*i, args[*i])).collect();
        (0..1usize << subnormal.len()).map(move |chosen| {
            let mut flushed = args.to_vec();
            for (bit, i) in subnormal.iter().enumerate() {
                if chosen & 1 << bit != 0 {
                    flushed[*i] = self.flushed(*i, flushed[*i]);
                }
            }
            flushed
        })
    }

    /// Whether the result is one of the subnormal operands.
    fn is_subnormal_operand(&self, args: &[Element], got: Element) -> bool {
        args.iter().enumerate().any(|(i, x)| self.is_subnormal(i, *x) && agree(x.cast(self.result), got, true))
    }

    /// Whether a result is right if subnormal operands or results are taken as zero.
    fn agrees_flushed(&self, args: &[Element], want: Element, got: Element) -> bool {
        let flushings = self.flushings(args);
        let close = |want: Element| {
            agree(want, got, true)
                || agree(flush(want), got, true)
                || self.class == ValueClass::Approximate && is_finite(want) && is_finite(got) && distance(want, got) <= self.tolerance()
        };
        let last = flushings.len() - 1;
        if last == 0 {
            return has_subnormal(want) && agree(flush(want), got, true)
                || got.components() == (0.0, 0.0) && self.rounds_up_to_normal(args, want);
        }
        // Whether the function returns one of its operands, or the number beside it.
        let beside = |x: &Element| agree(x.cast(self.result), want, true) || distance(x.cast(self.result), want) <= 1.0;
        let selects = args.iter().any(beside);
        // If operands count as equal zeros, any of them may come back unchanged.
        let is_operand = self.is_subnormal_operand(args, got);
        flushings.enumerate().any(|(i, flushed)| {
            let answer = self.kernel.eval(self.dtype, &flushed);
            let same = |want: Element| agree(flush(want), flush(got), true) && is_operand;
            let kept = selects && i == last;
            [answer.value, answer.alternative]
                .into_iter()
                .flatten()
                .map(|want| want.cast(self.result))
                .any(|want| close(want) || kept && same(want))
        })
    }

    /// Whether the result is a zero, of either sign, in place of a subnormal number.
    fn is_flushed_result(&self, args: &[Element], got: Element) -> bool {
        let want = self.kernel.eval(self.dtype, args).value.map(|want| want.cast(self.result));
        want.is_some_and(|want| has_subnormal(want) && agree(flush(want), got, true))
    }

    /// Whether the oracle fulfils a special case for NaN of either sign.
    fn sound_without_nan_sign(&self, rule: &Rule) -> bool {
        rule.doubt.is_none() && rule.level == Level::Must && !rule.minds_nan_sign
    }

    /// Judges an element by one special case. `None` if the special case is not about these operands.
    pub fn judge_special(&self, rule: &Rule, args: &[Element], got: Element) -> Option<Judgement> {
        let want = self.sound_without_nan_sign(rule).then(|| self.kernel.eval(self.dtype, args).value).flatten();
        let judgement = self.judge_by_case(rule, args, got, want);
        let is_wrong = |judgement: &Option<Judgement>| matches!(judgement, Some(Judgement::Wrong(_)));
        if !is_wrong(&judgement) {
            return judgement;
        }
        let right = |other| !is_wrong(&self.judge_by_case(rule, args, other, want));
        if self.before_it_was_handed_back(got).any(right) { Some(Judgement::Right) } else { judgement }
    }

    /// Judges a finite result by a symmetry and by the result for the mapped argument. The text lets a library choose the side from which a
    /// function is continuous at a branch cut. It demands the symmetry, which relates the two sides. `None` if a number is not finite.
    pub fn judge_symmetry(&self, map: SymmetryMap, args: &[Element], got: Element, mapped: Element) -> Option<Judgement> {
        let want = self.kernel.eval(self.dtype, args).value?.cast(self.result);
        if !args.iter().chain([&want, &got, &mapped]).all(|x| is_finite(*x)) {
            return None;
        }
        let is_near = |expected: Element| {
            let ((a, b), (c, d)) = (expected.components(), got.components());
            (c - a).hypot(d - b) <= 2f64.powi(-self.result.precision() / 2) * a.hypot(b).max(1.0)
        };
        let expected = map.result(mapped);
        Some(match is_near(want) {
            true => Judgement::Right,
            false if is_near(expected) => Judgement::Alternative,
            false => Judgement::Wrong(format!("{expected}, for the result for {} is {mapped}", map.of_x())),
        })
    }

    /// Like [`ValueJudge::judge_special`], without regard to lost signs. `want` is the oracle's answer, if it has one.
    fn judge_by_case(&self, rule: &Rule, args: &[Element], got: Element, want: Option<Element>) -> Option<Judgement> {
        // A test shows that the oracle fulfils every sound special case. So an element that agrees with it is right.
        if self.sound_without_nan_sign(rule) && want.is_some_and(|want| agree(want.cast(self.result), got, false)) {
            return Some(Judgement::Right);
        }
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
        let is_wrong = matches!(verdict, Judgement::Wrong(_));
        if is_wrong && self.is_flushed_result(args, got) {
            return Some(Judgement::Flushed);
        }
        let right_when_flushed = |flushed: Vec<Element>| match judgement(&flushed) {
            Some(Judgement::Wrong(_)) => false,
            Some(_) => true,
            // With subnormal operands taken as zero, the special case is not about them. The function's value or another case decides. Such a
            // zero may come back unchanged; its sign is judged where an operand is a zero.
            None => {
                let answer = self.kernel.eval(self.dtype, &flushed);
                let wanted = [answer.value, answer.alternative].into_iter().flatten().map(|want| want.cast(self.result));
                let is_operand = self.is_subnormal_operand(args, got);
                wanted.into_iter().any(|want| agree(want, got, true) || is_operand && agree(want, flush(got), true))
            }
        };
        // The first one has no operand flushed.
        let is_flushed = is_wrong && self.flushings(args).skip(1).any(right_when_flushed);
        Some(if is_flushed { Judgement::Flushed } else { verdict })
    }
}

impl ValueJudge<'_> {
    /// What would hold of the element at the index `at` without its deviation. If a special case is named, what that case says.
    pub(super) fn demand(&self, at: Vec<usize>, args: &[Element], got: Element, cause: Cause, rule: Option<&Rule>) -> Option<Is> {
        let rule = rule.or_else(|| match self.judge_by_cases(args, got) {
            Some(Judgement::CaseBroken(rule, _)) => self.function.rules.get(rule),
            _ => None,
        });
        match rule.and_then(|rule| rule.claim(self.spec, self.function, self.dtype, args)) {
            Some(Claim::OneOf(expected)) => {
                let numbers = expected.iter().map(|expected| Number::claimed(expected, self.result)).collect();
                return Some(Is::Element(at, self.result, numbers));
            }
            Some(Claim::Holds(condition)) => {
                let operands = self.function.operands.iter().zip(args).map(|(operand, x)| (operand.name.clone(), *x)).collect();
                return Some(Is::Holds { at, condition: condition.to_string(), operands });
            }
            None => {}
        }
        let answer = self.kernel.eval(self.dtype, args);
        let wanted: Vec<Element> = [answer.value, answer.alternative].into_iter().flatten().map(|want| want.cast(self.result)).collect();
        let want = *wanted.first()?;
        let numbers = match self.class {
            ValueClass::Approximate => vec![self.approximation(args, want, got, cause)],
            _ => {
                let free_zero = self.function.freedoms.zero_sign == array_assay_spec::Freedom::Any;
                wanted.iter().map(|want| Number::of(*want, free_zero)).collect()
            }
        };
        Some(Is::Element(at, self.result, numbers))
    }

    /// The range around `want` in which an approximation would not be as wrong, or as inaccurate, as `got`.
    fn approximation(&self, args: &[Element], want: Element, got: Element, cause: Cause) -> Number {
        let ((re, im), p) = (want.components(), self.result.precision());
        if !is_finite(want) {
            return Number::of(want, true);
        }
        let error = |x: Element| if is_finite(x) { self.kernel.error(self.dtype, args, x) } else { f64::INFINITY };
        let (error_of_got, limit) = (error(got), self.tolerance());
        if self.result.is_complex() {
            let miss = (got.components().0 - re).hypot(got.components().1 - im);
            let bound = match cause == Cause::Inaccurate && miss.is_finite() && error_of_got.is_finite() {
                // Half way between the allowed error and that of the result.
                true => miss * (1.0 + limit / error_of_got) / 2.0,
                false => 2f64.powi(-p / 2 - 1) * re.hypot(im).max(1.0),
            };
            return Number::Near { re, im, bound };
        }
        if cause != Cause::Inaccurate {
            return Number::Real(Real::around(re, re.abs() * 2f64.powi(-p / 2 - 1)));
        }
        // The numbers around `want` whose error is within the limit.
        let farthest = |up: bool| {
            let mut last = re;
            for _ in 0..=limit.ceil() as u32 + 1 {
                let next = neighbour(last, up, self.result);
                if !next.is_finite() || error(Element::F64(next).cast(self.result)) > limit {
                    break;
                }
                last = next;
            }
            last
        };
        Number::Real(Real::Within(farthest(false), farthest(true)))
    }
}

/// The next number of a real dtype, up or down.
fn neighbour(v: f64, up: bool, dtype: DType) -> f64 {
    match (dtype == DType::Float32, up) {
        (true, true) => f64::from((v as f32).next_up()),
        (true, false) => f64::from((v as f32).next_down()),
        (false, true) => v.next_up(),
        (false, false) => v.next_down(),
    }
}

/// The element with the signs of its zero components flipped. The flags say whether to flip the real and the imaginary component.
fn with_zeros_flipped(x: Element, (real, imaginary): (bool, bool)) -> Element {
    fn single(v: f32, flips: bool) -> f32 {
        if flips && v == 0.0 { -v } else { v }
    }
    fn double(v: f64, flips: bool) -> f64 {
        if flips && v == 0.0 { -v } else { v }
    }
    match x {
        Element::F32(v) => Element::F32(single(v, real)),
        Element::F64(v) => Element::F64(double(v, real)),
        Element::C64(re, im) => Element::C64(single(re, real), single(im, imaginary)),
        Element::C128(re, im) => Element::C128(double(re, real), double(im, imaginary)),
        other => other,
    }
}

fn is_finite(x: Element) -> bool {
    let (re, im) = x.components();
    re.is_finite() && im.is_finite()
}

/// Whether a number is of such a magnitude that squares and products neither overflow nor underflow.
fn is_moderate(x: Element) -> bool {
    let (re, im) = x.components();
    let limit = if matches!(x, Element::F32(_) | Element::C64(..)) { 2f64.powi(30) } else { 2f64.powi(250) };
    [re, im].into_iter().all(|v| v == 0.0 || v.abs() < limit && v.abs() > 1.0 / limit)
}

/// The distance of two finite elements. For real numbers in ULP, counted in representable numbers; for complex numbers normwise, in units
/// of eps times the modulus of `want`.
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
            // Scaling keeps squares from overflowing and underflowing.
            let scale = a.abs().max(b.abs()).max(tiny);
            ((c / scale - a / scale).hypot(d / scale - b / scale) / (a / scale).hypot(b / scale).max(f64::MIN_POSITIVE)) / eps
        }
    }
}

/// The place of a number among all numbers of its dtype, counted from zero.
fn order32(v: f32) -> i128 {
    let bits = i128::from(v.to_bits() & 0x7fff_ffff);
    if v.is_sign_negative() { -bits } else { bits }
}

/// The place of a number among all numbers of its dtype, counted from zero.
fn order64(v: f64) -> i128 {
    let bits = i128::from(v.to_bits() & !(1 << 63));
    if v.is_sign_negative() { -bits } else { bits }
}

#[cfg(test)]
mod tests;
