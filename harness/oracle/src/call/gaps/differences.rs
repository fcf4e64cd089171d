//! Functions that the standard lacks: those of the differences along an axis.

use std::f64::consts::TAU;

use array_assay_interface::Array;

use super::operands::{array, within};
use crate::call::arguments::illegal;
use crate::call::shape::lines;
use crate::call::statistical::accumulator::{Arithmetic, any, near};
use crate::call::{Call, Elements, Expectation, Near, Table, Undefined};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[("gradient", gradient), ("unwrap", unwrap)];

/// The distance from half a turn, in turns, at which rounding errors decide which way round is shorter.
const TIE: f64 = 1e-3;

/// Applies `of` to each line along an axis. The last axis is the default.
fn along(call: &Call<'_>, x: &Array, of: impl Fn(&[f64]) -> Vec<Near>) -> Result<Expectation, Undefined> {
    let rank = x.shape.len();
    let axis = call.axis("axis", rank)?.or(rank.checked_sub(1)).ok_or(Undefined::Open)?;
    let mut elements = vec![near(0.0, 0.0); x.len()];
    for line in if x.is_empty() { Vec::new() } else { lines(&x.shape, axis) } {
        let numbers: Vec<f64> = line.iter().map(|i| x.get(*i).components().0).collect();
        for (i, number) in line.iter().zip(of(&numbers)) {
            elements[*i] = number;
        }
    }
    Ok(array(call.result_dtype()?, x.shape.clone(), Elements::Near(elements)))
}

/// Half the difference of the two neighbours, over the distance of the points. At the ends it is the difference from the only neighbour. An
/// axis of fewer than two elements has no gradient.
fn gradient(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let rank = x.shape.len();
    let axis = call.axis("axis", rank)?.or(rank.checked_sub(1)).ok_or(Undefined::Open)?;
    if x.shape[axis] < 2 {
        return Err(illegal("a gradient needs two elements"));
    }
    let arithmetic = Arithmetic::of(x.dtype, false);
    let spacing = call.scalar("spacing").map_or(1.0, |v| v.element().components().0);
    along(call, x, |line| {
        let at = |i: usize| {
            let (left, right) = (i.saturating_sub(1), (i + 1).min(line.len() - 1));
            let (a, b, steps) = (line[left], line[right], (right - left) as f64 * spacing);
            let magnitude = a.abs() + b.abs();
            let value = (b - a) / steps;
            // The difference may overflow before it is halved.
            if arithmetic.may_overflow(2.0 * magnitude) && magnitude.is_finite() {
                return any(value);
            }
            within(x.dtype, value, 8.0 * arithmetic.u * magnitude / steps)
        };
        (0..line.len()).map(at).collect()
    })
}

/// Angles in radians, with whole turns added so that consecutive angles differ by at most half a turn.
fn unwrap(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let arithmetic = Arithmetic::of(x.dtype, false);
    along(call, x, |line| {
        let (mut turns, mut most) = (0.0, 0.0);
        // After a tie, or a number that is not finite, the result depends on the choice that was made there.
        let mut certain = true;
        let of = |(i, number): (usize, &f64)| {
            if let (Some(before), true) = (i.checked_sub(1).map(|before| line[before]), certain) {
                let step = (number - before) / TAU;
                let error = 8.0 * arithmetic.u * (step.abs() + before.abs());
                certain = step.is_finite() && (step - step.floor() - 0.5).abs() > TIE + error;
                turns += step.round();
            }
            if !certain {
                return any(*number);
            }
            // The addend is a sum of differences between consecutive numbers.
            most = f64::max(most, number.abs() + TAU * f64::abs(turns));
            within(x.dtype, number - TAU * turns, 8.0 * (i as f64 + 4.0) * arithmetic.u * most)
        };
        line.iter().enumerate().map(of).collect()
    })
}
