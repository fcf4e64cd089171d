//! Real functions in arbitrary precision. Each result is correctly rounded to nearest at the working precision.

use std::cell::RefCell;

use dashu_float::round::mode::HalfEven;
use dashu_float::{ConstCache, Context, FBig};

use crate::complex::Complex;

/// A real number. The type names the rounding mode because the default of [`FBig`] rounds toward zero.
pub(crate) type Real = FBig<HalfEven, 2>;
/// The real and the imaginary component.
pub(crate) type Pair = [Real; 2];

/// The usual working precision in bits. It is more than twice the precision of the results.
pub(crate) const BITS: usize = 128;

/// The number of bits that cancellation may cost a sum at the starting precision.
const CANCELLED_BITS: isize = 30;

/// A working precision, with the constants that have been computed so far.
///
/// Its functions return `None` at poles and for operands outside of the domain. Only these functions round at the working precision. The
/// operators of [`Real`] round at the precision of their operands, which is unlimited for zero.
pub(crate) struct Precise {
    context: Context<HalfEven>,
    cache: ConstCache,
}

thread_local! {
    static PRECISE: RefCell<Precise> =
        const { RefCell::new(Precise { context: Context::new(BITS), cache: ConstCache::new() }) };
}

/// Runs `f` with this thread's evaluator. Calls must not be nested.
pub(crate) fn with<T>(f: impl FnOnce(&mut Precise) -> T) -> T {
    PRECISE.with_borrow_mut(f)
}

/// The value of a rounded result. `None` if it is not a finite number.
macro_rules! finite {
    ($result:expr) => {
        $result.ok().map(|rounded| rounded.value()).filter(|v| v.repr().is_finite())
    };
}

macro_rules! unary {
    ($($name:ident = $theirs:ident),* $(,)?) => {$(
        pub(crate) fn $name(&mut self, x: &Real) -> Option<Real> {
            finite!(self.context.$theirs(x.repr(), Some(&mut self.cache)))
        }
    )*};
}

/// Functions that leave every range. Operands beyond 2^20 are cut off there, because the results have overflowed, underflowed or converged
/// in every format long before.
macro_rules! clamped {
    ($($name:ident = $theirs:ident),* $(,)?) => {$(
        pub(crate) fn $name(&mut self, x: &Real) -> Option<Real> {
            finite!(self.context.$theirs(clamp(x).repr(), Some(&mut self.cache)))
        }
    )*};
}

macro_rules! arithmetic {
    ($($name:ident),*) => {$(
        pub(crate) fn $name(&mut self, x1: &Real, x2: &Real) -> Option<Real> {
            finite!(self.context.$name(x1.repr(), x2.repr()))
        }
    )*};
}

impl Precise {
    unary! {
        sin = sin, cos = cos, tan = tan, asin = asin, acos = acos, atan = atan, asinh = asinh, acosh = acosh,
        atanh = atanh, log = ln, log1p = ln_1p, log2 = log2, log10 = log10,
    }
    clamped! { exp = exp, expm1 = exp_m1, sinh = sinh, cosh = cosh, tanh = tanh }
    arithmetic! { add, sub, mul, hypot }

    pub(crate) fn div(&mut self, x1: &Real, x2: &Real) -> Option<Real> {
        if is_zero(x2) { None } else { finite!(self.context.div(x1.repr(), x2.repr())) }
    }

    pub(crate) fn sqrt(&mut self, x: &Real) -> Option<Real> {
        finite!(self.context.sqrt(x.repr()))
    }

    /// The angle of the point `(x, y)`, in `(-pi, pi]`.
    pub(crate) fn atan2(&mut self, y: &Real, x: &Real) -> Option<Real> {
        if is_zero(y) && is_zero(x) {
            return None;
        }
        finite!(self.context.atan2(y.repr(), x.repr(), Some(&mut self.cache)))
    }

    /// `x * 2**n`, exactly.
    pub(crate) fn scale(&self, x: &Real, n: isize) -> Real {
        if is_zero(x) { Real::ZERO } else { x.clone() << n }
    }

    /// `log(exp(x1) + exp(x2))`.
    pub(crate) fn logaddexp(&mut self, x1: &Real, x2: &Real) -> Option<Real> {
        let (large, small) = if x1 > x2 { (x1, x2) } else { (x2, x1) };
        let sum = self.logsumexp(large, small)?;
        if magnitude(&sum) >= magnitude(large) - CANCELLED_BITS {
            return Some(sum);
        }
        // Three times the precision is enough for the worst cancellation of doubles.
        self.at(3 * self.context.precision(), |p| p.logsumexp(large, small))
    }

    fn logsumexp(&mut self, large: &Real, small: &Real) -> Option<Real> {
        let distance = self.sub(small, large)?;
        let e = self.exp(&distance)?;
        let l = self.log1p(&e)?;
        self.add(large, &l)
    }

    /// `x1 ** x2`.
    pub(crate) fn pow(&mut self, x1: &Real, x2: &Real) -> Option<Real> {
        if is_zero(x2) {
            return Some(Real::ONE);
        }
        if is_zero(x1) {
            return (*x2 > Real::ZERO).then_some(Real::ZERO);
        }
        let negative = *x1 < Real::ZERO;
        // Significands have no trailing zeros. So an exponent of 0 means an odd integer.
        if negative && x2.repr().exponent() < 0 {
            return None;
        }
        let odd = x2.repr().exponent() == 0;
        let base = if negative { -x1.clone() } else { x1.clone() };
        let l = self.log(&base)?;
        let product = self.mul(x2, &l)?;
        let power = if magnitude(&product) >= CLAMP {
            self.exp(&product)?
        } else {
            finite!(self.context.powf(base.repr(), x2.repr(), Some(&mut self.cache)))?
        };
        Some(if negative && odd { -power } else { power })
    }

    /// The double `v`. `None` if it is not finite.
    pub(crate) fn real(&self, v: f64) -> Option<Real> {
        Real::try_from(v).ok().filter(|v| v.repr().is_finite())
    }

    /// The components of `z`. `None` if one of them is not finite.
    pub(crate) fn pair(&self, z: Complex) -> Option<Pair> {
        Some([self.real(z.re)?, self.real(z.im)?])
    }

    /// The working precision in bits.
    pub(crate) fn precision(&self) -> usize {
        self.context.precision()
    }

    /// The result of `f` with a working precision of `bits`.
    pub(crate) fn at<T>(&mut self, bits: usize, f: impl FnOnce(&mut Precise) -> T) -> T {
        let before = std::mem::replace(&mut self.context, Context::new(bits));
        let value = f(self);
        self.context = before;
        value
    }
}

/// The exponent at which operands of the exponential are cut off.
const CLAMP: isize = 20;

fn clamp(x: &Real) -> Real {
    if magnitude(x) < CLAMP {
        x.clone()
    } else if *x > Real::ZERO {
        Real::ONE << CLAMP
    } else {
        -(Real::ONE << CLAMP)
    }
}

/// Whether the number is zero, of either sign.
pub(crate) fn is_zero(x: &Real) -> bool {
    x.repr().significand().is_zero()
}

/// The exponent of the leading bit: `floor(log2(abs(x)))`. For zero it is far below every other exponent.
pub(crate) fn magnitude(x: &Real) -> isize {
    if is_zero(x) { isize::MIN / 4 } else { x.repr().digits() as isize - 1 + x.repr().exponent() }
}
