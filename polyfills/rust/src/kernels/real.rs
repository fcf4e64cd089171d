//! Real functions that are more accurate than Rust's own.

/// Rust's own function cancels near one.
pub(super) fn atanh(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < 1e-8 { a } else { 0.5 * (2.0 * a / (1.0 - a)).ln_1p() };
    y.copysign(x)
}
