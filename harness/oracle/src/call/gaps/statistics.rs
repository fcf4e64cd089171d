//! Functions that the standard lacks: statistics.

use std::cmp::Ordering;

use array_assay_interface::{Array, DType, Element};

use super::operands::{array, within};
use crate::call::arguments::illegal;
use crate::call::searching::{compare, is_nan};
use crate::call::shape::lines;
use crate::call::statistical::Reduction;
use crate::call::statistical::accumulator::{Arithmetic, any, near};
use crate::call::{ArrayExpectation, Call, Condition, Elements, Expectation, Near, Table, Undefined};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("average", average),
    ("bincount", bincount),
    ("convolve", convolve),
    ("corrcoef", |call| covariance(call, true)),
    ("cov", |call| covariance(call, false)),
    ("digitize", digitize),
    ("histogram", histogram),
    ("interp", interp),
    ("median", |call| median(call, false)),
    ("nanmedian", |call| median(call, true)),
    ("nanpercentile", |call| quantile(call, 0.01, true)),
    ("nanquantile", |call| quantile(call, 1.0, true)),
    ("percentile", |call| quantile(call, 0.01, false)),
    ("ptp", ptp),
    ("quantile", |call| quantile(call, 1.0, false)),
    ("top_k", top_k),
    ("trapezoid", trapezoid),
];

/// The numbers of a group in ascending order. `None` if one of them is NaN, unless NaN is to be ignored.
fn ordered(x: &Array, group: &[usize], without_nan: bool) -> Option<Vec<f64>> {
    let mut terms: Vec<f64> = group.iter().map(|i| x.get(*i).components().0).collect();
    if without_nan {
        terms.retain(|v| !v.is_nan());
    }
    if terms.iter().any(|v| v.is_nan()) {
        return None;
    }
    terms.sort_by(f64::total_cmp);
    Some(terms)
}

/// The middle value, or the mean of the two middle values. It is open for no elements, and NaN if all elements are NaN.
fn median(call: &Call<'_>, without_nan: bool) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let reduction = Reduction::of(call, x)?;
    if reduction.count == 0 {
        return Err(Undefined::Open);
    }
    let arithmetic = Arithmetic::of(x.dtype, false);
    let of_group = |group: &Vec<usize>| {
        let Some(terms) = ordered(x, group, without_nan).filter(|terms| !terms.is_empty()) else { return near(f64::NAN, 0.0) };
        let (a, b) = (terms[(terms.len() - 1) / 2], terms[terms.len() / 2]);
        match terms.len() % 2 {
            1 => near(a, 0.0),
            // The sum of the two may overflow although their mean does not.
            _ if arithmetic.may_overflow(a.abs().max(b.abs()) * 2.0) && a.is_finite() && b.is_finite() => any(a),
            _ => within(x.dtype, a / 2.0 + b / 2.0, 2.0 * arithmetic.u * (a.abs() + b.abs()).min(f64::MAX)),
        }
    };
    Ok(array(x.dtype, reduction.shape.clone(), Elements::Near(reduction.groups.iter().map(of_group).collect())))
}

/// Quantiles, by linear interpolation between the order statistics on both sides of `q * unit * (n - 1)`, or by another method. The axes of
/// `q` come first in the result.
fn quantile(call: &Call<'_>, unit: f64, without_nan: bool) -> Result<Expectation, Undefined> {
    let (x, q) = (call.array("x")?, call.array("q")?);
    let reduction = Reduction::of(call, x)?;
    if reduction.count == 0 || q.elements().any(|q| !(0.0..=1.0 / unit).contains(&q.components().0)) {
        return Err(Undefined::Open);
    }
    let method = call.text("method").unwrap_or("linear");
    let mut out = Vec::with_capacity(q.len() * reduction.groups.len());
    for q in q.elements() {
        for group in &reduction.groups {
            let share = (q.components().0 * unit).min(1.0);
            out.push(match ordered(x, group, without_nan).filter(|terms| !terms.is_empty()) {
                None => vec![near(f64::NAN, 0.0)],
                Some(terms) if method == "linear" => vec![interpolated(x.dtype, &terms, share)],
                Some(terms) => chosen(x.dtype, &terms, share, method)?,
            });
        }
    }
    let shape = [&q.shape[..], &reduction.shape].concat();
    let first: Vec<Near> = out.iter().map(|choices| choices[0]).collect();
    if out.iter().all(|choices| choices.len() == 1) {
        return Ok(array(x.dtype, shape, Elements::Near(first)));
    }
    let example = first.iter().map(|one| Element::F64(one.re).cast(x.dtype)).collect();
    let is_one =
        |v: f64, one: &Near| one.bound.is_infinite() || v == one.re || v.is_nan() && one.re.is_nan() || (v - one.re).abs() <= one.bound;
    let condition = Condition::new(move |got: &Array| {
        let wrong = (0..out.len()).find(|i| !out[*i].iter().any(|one| is_one(got.get(*i).components().0, one)));
        wrong.map_or(Ok(()), |i| Err(format!("element {i}: one of {:?}", out[i].iter().map(|one| one.re).collect::<Vec<_>>())))
    });
    Ok(array(x.dtype, shape, Elements::Such(example, condition)))
}

/// The numbers that a method without interpolation may choose at the fraction `q` of an ordered line. There are several if rounding errors
/// of the position decide. The ends are exact positions.
fn chosen(dtype: DType, terms: &[f64], q: f64, method: &str) -> Result<Vec<Near>, Undefined> {
    let (last, u) = ((terms.len() - 1) as f64, Arithmetic::of(dtype, false).u);
    let place = q * last;
    let error = if q == 0.0 || q == 1.0 { 0.0 } else { 8.0 * u * place };
    let mut choices: Vec<Near> = Vec::new();
    for place in [place, place - error, place + error] {
        let (low, high) = (place.floor().clamp(0.0, last), place.ceil().clamp(0.0, last));
        let at = |place: f64| near(terms[place as usize], 0.0);
        let middle = || {
            let (a, b) = (terms[low as usize], terms[high as usize]);
            let most = a.abs().max(b.abs());
            // The sum or the difference of the two may overflow, and the difference of infinities is NaN.
            let safe = most.is_finite() && !Arithmetic::of(dtype, false).may_overflow(2.0 * most);
            if safe { within(dtype, a / 2.0 + b / 2.0, 4.0 * u * most) } else { any(a) }
        };
        choices.push(match method {
            "lower" => at(low),
            "higher" => at(high),
            "nearest" => at(if place - low > 0.5 { high } else { low }),
            "midpoint" => middle(),
            other => return Err(illegal(format!("`method` is {other:?}"))),
        });
    }
    if choices.iter().any(|one| one.bound.is_infinite()) {
        return Ok(vec![any(choices[0].re)]);
    }
    choices.dedup();
    Ok(choices)
}

/// The number at the fraction `q` of an ordered line. The position is rounded, so the bound includes the next elements on both sides.
fn interpolated(dtype: DType, terms: &[f64], q: f64) -> Near {
    let last = terms.len() - 1;
    let place = q * last as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    let value = if low == high { terms[low] } else { terms[low] + (place - low as f64) * (terms[high] - terms[low]) };
    let around = &terms[low.saturating_sub(1)..=(high + 1).min(last)];
    let arithmetic = Arithmetic::of(dtype, false);
    let most = around.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
    if !most.is_finite() || arithmetic.may_overflow(4.0 * most) {
        return any(value);
    }
    within(dtype, value, 8.0 * (terms.len() as f64 + 4.0) * arithmetic.u * most)
}

/// The weighted mean. It is open if the weights sum to zero.
fn average(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let weights = call.get("weights").map(|_| call.array("weights")).transpose()?;
    if weights.is_some_and(|weights| weights.shape != x.shape) {
        return Err(illegal("`weights` has another shape"));
    }
    let reduction = Reduction::of(call, x)?;
    let arithmetic = Arithmetic::of(x.dtype, false);
    let mut out = Vec::with_capacity(reduction.groups.len());
    for group in &reduction.groups {
        let terms: Vec<(f64, f64)> =
            group.iter().map(|i| (x.get(*i).components().0, weights.map_or(1.0, |w| w.get(*i).components().0))).collect();
        let (total, absolute) = terms.iter().fold((0.0, 0.0), |(t, a), (_, w)| (t + w, a + w.abs()));
        let (sum, magnitude) = terms.iter().fold((0.0, 0.0), |(s, m), (v, w)| (s + v * w, m + (v * w).abs()));
        if !absolute.is_finite() || absolute * 1e-3 > total.abs() || absolute == 0.0 {
            return Err(Undefined::Open);
        }
        let n = group.len() as f64 + 4.0;
        let value = sum / total;
        let error = 4.0 * n * arithmetic.u * (magnitude + value.abs() * absolute) / total.abs();
        let safe = (1e-30..1e30).contains(&magnitude) && (1e-30..1e30).contains(&total.abs()) || magnitude == 0.0;
        out.push(if safe { within(x.dtype, value, error) } else { any(value) });
    }
    Ok(array(x.dtype, reduction.shape.clone(), Elements::Near(out)))
}

/// The difference of the greatest and the least element. It is open for no elements.
fn ptp(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let reduction = Reduction::of(call, x)?;
    if reduction.count == 0 {
        return Err(Undefined::Open);
    }
    let of_group = |group: &Vec<usize>| {
        let elements = || group.iter().map(|i| x.get(*i));
        if elements().any(is_nan) {
            return Ok(Element::F64(f64::NAN));
        }
        let extreme = |wanted: Ordering| elements().reduce(|a, b| if compare(b, a) == Some(wanted) { b } else { a });
        match (extreme(Ordering::Greater), extreme(Ordering::Less), x.dtype.integer_range()) {
            (Some(Element::Int(most)), Some(Element::Int(least)), Some((_, high))) => {
                Some(most - least).filter(|v| *v <= high).map(Element::Int).ok_or(Undefined::Open)
            }
            // A library rounds the difference of single-precision numbers once more than doubles do.
            (Some(most), Some(least), _) => Ok(Element::F64(most.components().0 - least.components().0)),
            _ => Err(Undefined::Open),
        }
    };
    let elements = reduction.groups.iter().map(of_group).collect::<Result<Vec<_>, _>>()?;
    let near = elements.iter().map(|e| within(x.dtype, e.components().0, 2.0 * Arithmetic::of(x.dtype, false).u * e.components().0.abs()));
    let elements = if x.dtype.is_integer() { Elements::Exact(elements.clone()) } else { Elements::Near(near.collect()) };
    Ok(array(x.dtype, reduction.shape.clone(), elements))
}

/// The covariances of the rows of `x`, or with `rowvar=False` of its columns, or their correlations. The mean takes one degree of freedom,
/// unless `bias` is given. A vector is one row.
fn covariance(call: &Call<'_>, correlation: bool) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let (rows, n, by_rows) = match x.shape[..] {
        [n] => (1, n, true),
        [rows, n] if call.flag("rowvar", true) => (rows, n, true),
        [n, columns] => (columns, n, false),
        _ => return Err(illegal("`x` is no matrix")),
    };
    if n < 2 {
        return Err(Undefined::Open);
    }
    let place = |i: usize, k: usize| if by_rows { i * n + k } else { k * rows + i };
    let row = |i: usize| -> Vec<f64> { (0..n).map(|k| x.get(place(i, k)).components().0).collect() };
    let rows: Vec<Vec<f64>> = (0..rows).map(row).collect();
    let divisor = if call.flag("bias", false) { n as f64 } else { n as f64 - 1.0 };
    let of = |a: &Vec<f64>, b: &Vec<f64>| if correlation { correlated(x.dtype, a, b) } else { covaried(x.dtype, a, b, divisor) };
    let elements = rows.iter().flat_map(|a| rows.iter().map(move |b| of(a, b))).collect();
    // Libraries return a scalar for a single row.
    let shape = if rows.len() == 1 { vec![] } else { vec![rows.len(); 2] };
    Ok(array(x.dtype, shape, Elements::Near(elements)))
}

/// The covariance of two rows. The bound is wide enough for the mean of the products minus the product of the means.
fn covaried(dtype: DType, a: &[f64], b: &[f64], divisor: f64) -> Near {
    let n = a.len() as f64;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
    let square = |x: &[f64]| x.iter().map(|v| v * v).sum::<f64>();
    let (mean_a, mean_b) = (mean(a), mean(b));
    let value = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f64>() / divisor;
    let magnitude = (square(a) * square(b)).sqrt() / divisor;
    if magnitude.is_nan() || magnitude >= 1e30 {
        return any(value);
    }
    within(dtype, value, 8.0 * (n + 4.0) * Arithmetic::of(dtype, false).u * magnitude)
}

/// The correlation of two rows. Any number passes if a variance is lost in rounding errors.
fn correlated(dtype: DType, a: &[f64], b: &[f64]) -> Near {
    // The divisor cancels.
    let divisor = a.len() as f64 - 1.0;
    let (ab, aa, bb) = (covaried(dtype, a, b, divisor), covaried(dtype, a, a, divisor), covaried(dtype, b, b, divisor));
    let kept = |variance: &Near| variance.bound < 1e-3 * variance.re && variance.re >= 1e-25;
    if !kept(&aa) || !kept(&bb) || !ab.bound.is_finite() {
        return any(f64::NAN);
    }
    let spread = (aa.re * bb.re).sqrt();
    near(
        (ab.re / spread).clamp(-1.0, 1.0),
        2.0 * (ab.bound / spread + aa.bound / aa.re + bb.bound / bb.re) + 8.0 * Arithmetic::of(dtype, false).u,
    )
}

/// The number of occurrences of each integer from zero on, or the sum of the weights at its places. Libraries do not agree on the dtype of
/// sums of single precision, nor on that of no elements.
fn bincount(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    if x.shape.len() != 1 {
        return Err(illegal("`x` is no vector"));
    }
    let least = call.integer("minlength").unwrap_or(0).max(0) as usize;
    let mut counts = vec![0i128; least];
    for element in x.elements() {
        let place = usize::try_from(element.integer()).ok().filter(|place| *place < 1 << 16).ok_or_else(|| illegal("no small count"))?;
        counts.resize(counts.len().max(place + 1), 0);
        counts[place] += 1;
    }
    if call.get("weights").is_none() {
        return Ok(Expectation::exact(call.defaults.index, vec![counts.len()], counts.into_iter().map(Element::Int).collect()));
    }
    let weights = call.array("weights")?;
    if weights.shape != x.shape {
        return Err(illegal("`weights` has another shape"));
    }
    if weights.dtype != DType::Float64 || x.is_empty() {
        return Err(Undefined::Open);
    }
    let mut bins = vec![Vec::new(); counts.len()];
    for (place, weight) in x.elements().zip(weights.elements()) {
        bins[place.integer() as usize].push(weight.components().0);
    }
    let sums = bins.iter().map(|bin| {
        let (value, finite) = (bin.iter().sum::<f64>(), bin.iter().filter(|v| v.is_finite()).map(|v| v.abs()).sum::<f64>());
        // The sum of the finite weights may overflow in some order.
        if finite >= 1e300 { any(value) } else { within(weights.dtype, value, 2.0 * bin.len() as f64 * f64::EPSILON * finite) }
    });
    Ok(array(weights.dtype, vec![counts.len()], Elements::Near(sums.collect())))
}

/// The bin of each element: the number of edges that are at most the element, or below it with `right`. NaN and unsorted edges are open.
fn digitize(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, bins) = (call.array("x")?, call.array("bins")?);
    let edges: Vec<Element> = bins.elements().collect();
    if x.elements().chain(bins.elements()).any(is_nan) || !edges.is_sorted_by(|a, b| compare(*a, *b) != Some(Ordering::Greater)) {
        return Err(Undefined::Open);
    }
    let right = call.flag("right", false);
    let bin = |e: Element| {
        let below = |edge: &&Element| match compare(**edge, e) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => !right,
            _ => false,
        };
        Element::Int(edges.iter().filter(below).count() as i128)
    };
    Ok(Expectation::exact(call.result_dtype()?, x.shape.clone(), x.elements().map(bin).collect()))
}

/// The number of elements in each bin, and the edges unchanged. A bin contains its left edge, and the last one its right edge as well.
fn histogram(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, bins) = (call.array("x")?, call.array("bins")?);
    let edges: Vec<f64> = bins.elements().map(|e| e.components().0).collect();
    if edges.len() < 2 || edges.iter().any(|v| !v.is_finite()) || !edges.is_sorted() {
        return Err(Undefined::Open);
    }
    let count = |(i, edge): (usize, &[f64])| {
        let inside = |v: f64| edge[0] <= v && (v < edge[1] || v == edge[1] && i + 2 == edges.len());
        Element::Int(x.elements().filter(|e| inside(e.components().0)).count() as i128)
    };
    let counts = Expectation::exact(call.defaults.index, vec![edges.len() - 1], edges.windows(2).enumerate().map(count).collect());
    Ok(Expectation::Tuple(vec![counts, Expectation::array(bins)]))
}

/// Linear interpolation between points. Beyond the points the end values continue, or the arguments `left` and `right` hold. Unsorted
/// points are open.
fn interp(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, xp, fp) = (call.array("x")?, call.array("xp")?, call.array("fp")?);
    let of = |array: &Array| -> Vec<f64> { array.elements().map(|e| e.components().0).collect() };
    let (xs, fs) = (of(xp), of(fp));
    let ends = xs.first().zip(xs.last()).zip(fs.first().zip(fs.last()));
    let Some(((first, last), (start, end))) = ends else { return Err(Undefined::Open) };
    if fs.len() != xs.len() || xs.iter().any(|v| !v.is_finite()) || xs.windows(2).any(|pair| pair[1] - pair[0] <= 1e-3 * pair[1].abs()) {
        return Err(Undefined::Open);
    }
    let arithmetic = Arithmetic::of(x.dtype, false);
    let beyond = |name: &str, value: &f64| call.scalar(name).map_or(*value, |v| v.element().cast(x.dtype).components().0);
    let (left, right) = (beyond("left", start), beyond("right", end));
    let of_one = |x: &f64| match *x {
        v if v.is_nan() => near(f64::NAN, 0.0),
        // Taken for zero, a subnormal number may be the first or the last point, or not beyond them.
        v if v != 0.0 && v.abs() <= arithmetic.least => any(*start),
        v if v < *first => near(left, 0.0),
        v if v > *last => near(right, 0.0),
        v if v == *first => near(*start, 0.0),
        v if v == *last => near(*end, 0.0),
        v => {
            let right = xs.partition_point(|edge| *edge <= v).min(xs.len() - 1);
            let (x0, x1, f0, f1) = (xs[right - 1], xs[right], fs[right - 1], fs[right]);
            let value = f0 + (v - x0) * ((f1 - f0) / (x1 - x0));
            if f0.abs().max(f1.abs()) >= 1e30 {
                return any(value);
            }
            within(call.dtype.unwrap_or(DType::Float64), value, 16.0 * arithmetic.u * (f0.abs() + f1.abs()))
        }
    };
    Ok(array(call.result_dtype()?, x.shape.clone(), Elements::Near(of(x).iter().map(of_one).collect())))
}

/// The area below points that are `dx` apart, by the trapezoidal rule.
fn trapezoid(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let y = call.array("y")?;
    let rank = y.shape.len();
    let axis = call.axis("axis", rank)?.or(rank.checked_sub(1)).ok_or(Undefined::Open)?;
    let dx = call.scalar("dx").map_or(1.0, |dx| dx.element().components().0);
    if !(1e-6..1e6).contains(&dx.abs()) && dx != 0.0 {
        return Err(Undefined::Open);
    }
    let mut shape = y.shape.clone();
    shape.remove(axis);
    let arithmetic = Arithmetic::of(y.dtype, false);
    let of_line = |line: Vec<usize>| {
        let terms: Vec<f64> = line.iter().map(|i| y.get(*i).components().0).collect();
        let value: f64 = terms.windows(2).map(|pair| dx * (pair[0] + pair[1]) / 2.0).sum();
        let magnitude: f64 = dx.abs() * terms.iter().map(|v| v.abs()).sum::<f64>();
        let n = terms.len() as f64 + 4.0;
        if magnitude < 1e30 { within(y.dtype, value, 4.0 * n * arithmetic.u * magnitude + n * arithmetic.least) } else { any(value) }
    };
    // A line without points has no area.
    let elements =
        if y.is_empty() { vec![near(0.0, 0.0); shape.iter().product()] } else { lines(&y.shape, axis).into_iter().map(of_line).collect() };
    Ok(array(y.dtype, shape, Elements::Near(elements)))
}

/// The discrete linear convolution of two vectors. The mode selects all of it, as much as the longer vector has, or the part in which both
/// overlap fully.
fn convolve(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    if x1.is_empty() || x2.is_empty() {
        return Err(Undefined::Open);
    }
    let (dtype, longer, shorter) = (call.result_dtype()?, x1.len().max(x2.len()), x1.len().min(x2.len()));
    let (from, length) = match call.text("mode") {
        None | Some("full") => (0, longer + shorter - 1),
        Some("same") => ((shorter - 1) / 2, longer),
        Some("valid") => (shorter - 1, longer - shorter + 1),
        Some(other) => return Err(illegal(format!("`mode` is {other:?}"))),
    };
    let arithmetic = Arithmetic::of(dtype, false);
    let terms = |at: usize| (0..x1.len()).filter_map(move |i| Some((x1.get(i), x2.get(at.checked_sub(i).filter(|j| *j < x2.len())?))));
    if let Some((_, high)) = dtype.integer_range() {
        let sum = |at: usize| {
            let mut products = terms(at).map(|(a, b)| a.integer().checked_mul(b.integer()));
            let sum = products.try_fold((0i128, 0i128), |(sum, most), product| Some((sum + product?, most + product?.abs())));
            sum.filter(|(_, most)| *most <= high).map(|(sum, _)| Element::Int(sum))
        };
        let elements = (from..from + length).map(sum).collect::<Option<Vec<_>>>().ok_or(Undefined::Open)?;
        return Ok(Expectation::exact(dtype, vec![length], elements));
    }
    let sum = |at: usize| {
        let products: Vec<f64> = terms(at).map(|(a, b)| a.components().0 * b.components().0).collect();
        let (value, magnitude) = (products.iter().sum(), products.iter().map(|v| v.abs()).sum::<f64>());
        let n = products.len() as f64 + 2.0;
        if magnitude < 1e30 { within(dtype, value, 4.0 * n * arithmetic.u * magnitude + n * arithmetic.least) } else { any(value) }
    };
    Ok(array(dtype, vec![length], Elements::Near((from..from + length).map(sum).collect())))
}

/// The `k` largest or smallest elements of each line, and their indices. Their order is open, and so is the choice among equal elements.
/// Lines with NaN are open.
fn top_k(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let rank = x.shape.len();
    let axis = call.axis("axis", rank)?.or(rank.checked_sub(1)).ok_or(Undefined::Open)?;
    let k = call.integer("k").and_then(|k| usize::try_from(k).ok()).ok_or_else(|| illegal("`k` is no count"))?;
    if k > x.shape[axis] {
        return Err(illegal("`k` exceeds the axis"));
    }
    if x.elements().any(is_nan) {
        return Err(Undefined::Open);
    }
    let largest = match call.text("mode") {
        None | Some("largest") => true,
        Some("smallest") => false,
        Some(other) => return Err(illegal(format!("`mode` is {other:?}"))),
    };
    let mut shape = x.shape.clone();
    shape[axis] = k;
    let elements: Vec<Element> = x.elements().collect();
    let count = shape.iter().product();
    let (mut values, mut indices) = (vec![Element::Int(0); count], vec![Element::Int(0); count]);
    let mut places = Vec::new();
    if count > 0 {
        let to = lines(&shape, axis);
        for (line, to) in lines(&x.shape, axis).into_iter().zip(to) {
            let mut order: Vec<usize> = (0..line.len()).collect();
            order.sort_by(|a, b| {
                let order = compare(elements[line[*a]], elements[line[*b]]).unwrap_or(Ordering::Equal);
                if largest { order.reverse() } else { order }
            });
            for (slot, i) in to.iter().zip(&order) {
                values[*slot] = elements[line[*i]];
                indices[*slot] = Element::Int(*i as i128);
            }
            places.push((line, to));
        }
    }
    let wanted = values.clone();
    let values_held = Condition::new({
        let places: Vec<Vec<usize>> = places.iter().map(|(_, to)| to.clone()).collect();
        move |got: &Array| {
            for line in &places {
                let mut missing: Vec<Element> = line.iter().map(|i| wanted[*i]).collect();
                for i in line {
                    let found = missing.iter().position(|m| compare(*m, got.get(*i)) == Some(Ordering::Equal));
                    found
                        .map(|found| missing.swap_remove(found))
                        .ok_or_else(|| format!("element {i}: one of the {} asked for", line.len()))?;
                }
            }
            Ok(())
        }
    });
    let wanted = values.clone();
    let indices_held = Condition::new(move |got: &Array| {
        for (from, to) in &places {
            let mut missing: Vec<Element> = to.iter().map(|i| wanted[*i]).collect();
            let mut taken = Vec::new();
            for i in to {
                let index = got.get(*i).integer();
                let element = usize::try_from(index).ok().and_then(|index| from.get(index)).map(|place| elements[*place]);
                let found = element.and_then(|e| missing.iter().position(|m| compare(*m, e) == Some(Ordering::Equal)));
                if taken.contains(&index) || found.is_none() {
                    return Err(format!("element {i}: the index of one that was asked for, once"));
                }
                taken.push(index);
                found.map(|found| missing.swap_remove(found));
            }
        }
        Ok(())
    });
    let of = |dtype, example, condition| {
        Expectation::Array(ArrayExpectation { dtype, shape: shape.clone(), elements: Elements::Such(example, condition) })
    };
    Ok(Expectation::Tuple(vec![of(x.dtype, values, values_held), of(call.defaults.index, indices, indices_held)]))
}
