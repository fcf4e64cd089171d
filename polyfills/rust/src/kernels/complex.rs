//! Functions of complex numbers, with the special values of the standard, which are those of C's Annex G.
//!
//! What the circular functions are is said by the hyperbolic ones: `sin(z) = -i sinh(iz)` and so on, exactly. Between the special
//! values the inverse functions follow Kahan, "Branch cuts for complex elementary functions" (1987).

use num_complex::Complex64 as C;

use std::f64::consts::{FRAC_PI_2, LN_2, LN_10, PI};

fn c(re: f64, im: f64) -> C {
    C::new(re, im)
}

/// `iz`
fn turned(z: C) -> C {
    c(-z.im, z.re)
}

/// `-iz`
fn turned_back(z: C) -> C {
    c(z.im, -z.re)
}

/// The square root with a real part that is not negative.
pub(super) fn sqrt(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if y.is_infinite() {
        return c(f64::INFINITY, y);
    }
    if x.is_nan() {
        return c(f64::NAN, f64::NAN);
    }
    if x.is_infinite() {
        return match (x > 0.0, y.is_nan()) {
            (true, true) => c(x, f64::NAN),
            (true, false) => c(x, 0f64.copysign(y)),
            (false, true) => c(f64::NAN, f64::INFINITY),
            (false, false) => c(0.0, f64::INFINITY.copysign(y)),
        };
    }
    if y.is_nan() {
        return c(f64::NAN, f64::NAN);
    }
    if x == 0.0 && y == 0.0 {
        return c(0.0, y);
    }
    // Scaled by an even power of two, so that the modulus neither overflows nor underflows.
    let largest = x.abs().max(y.abs());
    let (scale, back) = if largest > 1e300 {
        (0.0625, 4.0)
    } else if largest < 1e-290 {
        (2f64.powi(108), 2f64.powi(-54))
    } else {
        (1.0, 1.0)
    };
    let (u, v) = (x * scale, y * scale);
    let t = ((u.abs() + u.hypot(v)) * 0.5).sqrt();
    let s = v.abs() / (2.0 * t);
    if x >= 0.0 { c(t * back, (s * back).copysign(y)) } else { c(s * back, (t * back).copysign(y)) }
}

/// `log(|z|)`
fn log_modulus(z: C) -> f64 {
    if (z.re.is_nan() && !z.im.is_infinite()) || (z.im.is_nan() && !z.re.is_infinite()) {
        return f64::NAN;
    }
    let (a, b) = (z.re.abs().max(z.im.abs()), z.re.abs().min(z.im.abs()));
    if z.re.is_infinite() || z.im.is_infinite() {
        return f64::INFINITY;
    }
    if !(a > 1e-150 && a < 1e150) {
        return if a.is_nan() || b.is_nan() || a == 0.0 { z.re.hypot(z.im).ln() } else { a.ln() + 0.5 * (b / a * (b / a)).ln_1p() };
    }
    let square = a * a + b * b;
    if (0.5..2.0).contains(&square) {
        // Near the unit circle: |z|^2 - 1 without cancellation.
        let error = a.mul_add(a, -(a * a)) + b.mul_add(b, -(b * b));
        let whole = if a > b { ((a * a - 1.0) + b * b) + error } else { (a * a + b * b - 1.0) + error };
        return 0.5 * whole.ln_1p();
    }
    0.5 * square.ln()
}

pub(super) fn log(z: C) -> C {
    c(log_modulus(z), z.im.atan2(z.re))
}

pub(super) fn log1p(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if y == 0.0 && x >= -1.0 {
        return c(x.ln_1p(), y);
    }
    if !x.is_finite() || !y.is_finite() {
        return log(c(x + 1.0, y));
    }
    let modulus = if x.abs() < 0.5 && y.abs() < 0.5 { 0.5 * (x * (2.0 + x) + y * y).ln_1p() } else { log_modulus(c(x + 1.0, y)) };
    c(modulus, y.atan2(x + 1.0))
}

pub(super) fn log2(z: C) -> C {
    over(log(z), LN_2)
}

pub(super) fn log10(z: C) -> C {
    over(log(z), LN_10)
}

/// Divided by a real number, component by component.
fn over(z: C, by: f64) -> C {
    c(z.re / by, z.im / by)
}

/// A magnitude times cosine and sine of an angle; a magnitude beyond the range comes as two factors.
fn polar(magnitude: f64, more: f64, angle: f64) -> C {
    if angle == 0.0 {
        return c(magnitude * more, angle);
    }
    c(magnitude * angle.cos() * more, magnitude * angle.sin() * more)
}

pub(super) fn exp(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if y == 0.0 {
        return c(x.exp(), y);
    }
    if !y.is_finite() {
        return match x {
            _ if x == f64::NEG_INFINITY => c(0.0, 0.0),
            _ if x == f64::INFINITY => c(x, f64::NAN),
            _ => c(f64::NAN, f64::NAN),
        };
    }
    if x.is_nan() {
        return c(f64::NAN, f64::NAN);
    }
    if x > 700.0 && x < 1500.0 { polar((x - 700.0).exp(), 700f64.exp(), y) } else { polar(x.exp(), 1.0, y) }
}

pub(super) fn expm1(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if x == 0.0 && y == 0.0 {
        return c(0.0, y);
    }
    if y == 0.0 {
        return c(x.exp_m1(), y);
    }
    if x.is_infinite() || !y.is_finite() || x.is_nan() || x.abs() > 40.0 {
        let e = exp(z);
        return match x {
            _ if x == f64::NEG_INFINITY && !y.is_finite() => c(-1.0, 0.0),
            _ if x == f64::NEG_INFINITY => c(-1.0, 0f64.copysign(e.im)),
            _ => c(e.re - 1.0, e.im),
        };
    }
    // cos(y) - 1 is -2 sin(y/2)^2, which does not cancel.
    let half = (y / 2.0).sin();
    c(x.exp_m1() * y.cos() - 2.0 * half * half, x.exp() * y.sin())
}

pub(super) fn sinh(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if y == 0.0 {
        return c(x.sinh(), y);
    }
    if x == 0.0 {
        return c(x, if y.is_finite() { y.sin() } else { f64::NAN });
    }
    if !y.is_finite() {
        return if x.is_infinite() { c(x, f64::NAN) } else { c(f64::NAN, f64::NAN) };
    }
    if x.is_nan() {
        return c(x, f64::NAN);
    }
    if x.abs() > 700.0 {
        let e = exp(c(x.abs(), y));
        return c((e.re * 0.5).copysign(if x < 0.0 { -e.re } else { e.re }), e.im * 0.5);
    }
    c(x.sinh() * y.cos(), x.cosh() * y.sin())
}

pub(super) fn cosh(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if y == 0.0 {
        let im = if x.is_nan() { 0.0 } else { 0f64.copysign(x) * 1f64.copysign(y) };
        return c(x.cosh(), im);
    }
    if x == 0.0 {
        return if y.is_finite() { c(y.cos(), x * y.sin()) } else { c(f64::NAN, 0.0) };
    }
    if !y.is_finite() {
        return if x.is_infinite() { c(f64::INFINITY, f64::NAN) } else { c(f64::NAN, f64::NAN) };
    }
    if x.is_nan() {
        return c(x, f64::NAN);
    }
    if x.abs() > 700.0 {
        let e = exp(c(x.abs(), y));
        return c(e.re * 0.5, if x < 0.0 { -e.im * 0.5 } else { e.im * 0.5 });
    }
    c(x.cosh() * y.cos(), x.sinh() * y.sin())
}

pub(super) fn tanh(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() {
        let sign = if y.is_finite() { (2.0 * y).sin() } else { 0.0 };
        return c(1f64.copysign(x), 0f64.copysign(sign));
    }
    if x.is_nan() {
        return c(x, if y == 0.0 { y } else { f64::NAN });
    }
    if !y.is_finite() {
        return c(if x == 0.0 { x } else { f64::NAN }, f64::NAN);
    }
    if x.abs() > 22.0 {
        // 1 - tanh is below half a unit, and the imaginary part 4 sin(y) cos(y) exp(-2|x|).
        return c(1f64.copysign(x), 4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp());
    }
    let t = y.tan();
    let beta = 1.0 + t * t;
    let s = x.sinh();
    let rho = (1.0 + s * s).sqrt();
    if t.is_infinite() {
        return c(rho / s, 1.0 / t);
    }
    let below = 1.0 + beta * s * s;
    c(beta * rho * s / below, t / below)
}

pub(super) fn sin(z: C) -> C {
    turned_back(sinh(turned(z)))
}

pub(super) fn cos(z: C) -> C {
    cosh(turned(z))
}

pub(super) fn tan(z: C) -> C {
    turned_back(tanh(turned(z)))
}

pub(super) fn asin(z: C) -> C {
    turned_back(asinh(turned(z)))
}

pub(super) fn atan(z: C) -> C {
    turned_back(atanh(turned(z)))
}

pub(super) fn acos(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() {
        return match () {
            () if y.is_nan() => c(f64::NAN, f64::INFINITY),
            () if y.is_infinite() => c(if x > 0.0 { PI / 4.0 } else { 3.0 * PI / 4.0 }, -y),
            () => c(if x > 0.0 { 0.0 } else { PI }, -f64::INFINITY.copysign(y)),
        };
    }
    if y.is_infinite() {
        return c(if x.is_nan() { f64::NAN } else { FRAC_PI_2 }, -y);
    }
    if x.is_nan() || y.is_nan() {
        return c(if x == 0.0 { FRAC_PI_2 } else { f64::NAN }, f64::NAN);
    }
    if x.abs() > 1e150 || y.abs() > 1e150 {
        return c(y.abs().atan2(x), -(LN_2 + log_modulus(z)).copysign(y));
    }
    let (below, above) = (sqrt(c(1.0 - x, -y)), sqrt(c(1.0 + x, y)));
    let re = 2.0 * below.re.atan2(above.re);
    // The sine of it, whose sign is that of -y.
    let im = (above.re * below.im - above.im * below.re).asinh_exact();
    c(re, im.abs().copysign(-y))
}

pub(super) fn acosh(z: C) -> C {
    let (x, y) = (z.re, z.im);
    // acosh(z) = i acos(z) or -i acos(z), whichever has a real part that is not negative.
    let a = acos(z);
    if x.is_nan() && y.is_infinite() {
        return c(f64::INFINITY, f64::NAN);
    }
    if x.is_infinite() && y.is_nan() {
        return c(f64::INFINITY, f64::NAN);
    }
    if x.is_nan() || y.is_nan() {
        return c(f64::NAN, if x == 0.0 { FRAC_PI_2 } else { f64::NAN });
    }
    c(a.im.abs(), a.re.copysign(y))
}

pub(super) fn asinh(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() {
        return match () {
            () if y.is_nan() => c(x, f64::NAN),
            () if y.is_infinite() => c(x, (PI / 4.0).copysign(y)),
            () => c(x, 0f64.copysign(y)),
        };
    }
    if x.is_nan() {
        return match () {
            () if y == 0.0 => c(x, y),
            () if y.is_infinite() => c(f64::INFINITY, f64::NAN),
            () => c(x, f64::NAN),
        };
    }
    if y.is_infinite() {
        return c(f64::INFINITY.copysign(x), FRAC_PI_2.copysign(y));
    }
    if y.is_nan() {
        return c(f64::NAN, f64::NAN);
    }
    if x.abs() > 1e150 || y.abs() > 1e150 {
        return c((LN_2 + log_modulus(z)).copysign(x), y.atan2(x.abs()));
    }
    if x.abs() < 1e-160 && y.abs() < 1e-160 {
        return z;
    }
    let (above, below) = (sqrt(c(1.0 - y, x)), sqrt(c(1.0 + y, -x)));
    // The real part is asinh of Re(conj(below) * above) turned, the imaginary one the angle between.
    let re = (above.im * below.re - above.re * below.im).asinh_exact();
    let im = y.atan2(above.re * below.re - above.im * below.im);
    c(re.abs().copysign(x), im)
}

pub(super) fn atanh(z: C) -> C {
    let (x, y) = (z.re, z.im);
    if y.is_infinite() {
        return c(0f64.copysign(x), FRAC_PI_2.copysign(y));
    }
    if x.is_infinite() {
        return c(0f64.copysign(x), if y.is_nan() { y } else { FRAC_PI_2.copysign(y) });
    }
    if x.is_nan() {
        return c(x, f64::NAN);
    }
    if y.is_nan() {
        return c(if x == 0.0 { x } else { f64::NAN }, y);
    }
    if y == 0.0 && x.abs() == 1.0 {
        return c(f64::INFINITY.copysign(x), y);
    }
    if y == 0.0 && x.abs() < 1.0 {
        return c(super::real::atanh(x), y);
    }
    let a = x.abs();
    if a > 1e150 || y.abs() > 1e150 {
        // x / |z|^2, in an order that does not overflow.
        let largest = a.max(y.abs());
        let (p, q) = (a / largest, y / largest);
        return c((p / (p * p + q * q) / largest).copysign(x), FRAC_PI_2.copysign(y));
    }
    let beside = 1.0 - a;
    let square = if y.abs() < 1e-160 { 0.0 } else { y * y };
    let re = if a == 1.0 && square == 0.0 {
        // So near the pole that only y counts: log(2/|y|)/2
        0.5 * (2.0 / y.abs()).ln()
    } else {
        0.25 * (4.0 * a / (beside * beside + square)).ln_1p()
    };
    let im = 0.5 * (2.0 * y).atan2(beside * (1.0 + a) - square);
    c(re.copysign(x), im)
}

pub(super) fn pow(base: C, exponent: C) -> C {
    if exponent.re == 0.0 && exponent.im == 0.0 {
        return c(1.0, 0.0);
    }
    if base.re == 0.0 && base.im == 0.0 {
        return match () {
            () if exponent.re > 0.0 => c(0.0, 0.0),
            () => c(f64::NAN, f64::NAN),
        };
    }
    if exponent.im == 0.0 && exponent.re.fract() == 0.0 && exponent.re.abs() <= 64.0 {
        let power = base.powi(exponent.re as i32);
        if power.re.is_finite() && power.im.is_finite() && (power.re != 0.0 || power.im != 0.0) {
            return power;
        }
    }
    exp(exponent * log(base))
}

pub(super) fn sign(z: C) -> C {
    if z.re == 0.0 && z.im == 0.0 {
        return c(0.0, 0.0);
    }
    // Scaled to components around one first.
    let largest = z.re.abs().max(z.im.abs());
    if !largest.is_finite() || z.re.is_nan() || z.im.is_nan() {
        return over(z, z.re.hypot(z.im));
    }
    let scale = 2f64.powi(-(largest.log2().floor() as i32).clamp(-1000, 1000));
    let w = c(z.re * scale, z.im * scale);
    over(w, w.re.hypot(w.im))
}

/// The reciprocal and the quotient, scaled so that the squares neither overflow nor underflow (Smith, 1962).
pub(super) fn divide(a: C, b: C) -> C {
    if b.im == 0.0 {
        return c(a.re / b.re, a.im / b.re);
    }
    if b.re.abs() >= b.im.abs() {
        let ratio = b.im / b.re;
        let below = b.re + b.im * ratio;
        c((a.re + a.im * ratio) / below, (a.im - a.re * ratio) / below)
    } else {
        let ratio = b.re / b.im;
        let below = b.re * ratio + b.im;
        c((a.re * ratio + a.im) / below, (a.im * ratio - a.re) / below)
    }
}

pub(super) fn square(z: C) -> C {
    c((z.re - z.im) * (z.re + z.im), 2.0 * z.re * z.im)
}

/// The inverse hyperbolic sine of a real number, without the overflow and cancellation of Rust's own.
pub(super) trait AsinhExact {
    fn asinh_exact(self) -> f64;
}

impl AsinhExact for f64 {
    fn asinh_exact(self) -> f64 {
        let a = self.abs();
        let y = if a > 1e8 {
            a.ln() + LN_2
        } else if a < 1e-8 {
            return self;
        } else {
            let square = a * a;
            (a + square / (1.0 + (1.0 + square).sqrt())).ln_1p()
        };
        y.copysign(self)
    }
}
