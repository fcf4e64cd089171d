//! Real functions that Rust's own compute with too little accuracy.

/// Without the cancellation of Rust's own near one.
pub(super) fn atanh(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < 1e-8 { a } else { 0.5 * (2.0 * a / (1.0 - a)).ln_1p() };
    y.copysign(x)
}
