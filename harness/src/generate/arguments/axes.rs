//! Axes of arrays that were drawn before.

use array_assay_oracle::call::Given;

use super::{Draw, int, ints};
use crate::generate::values::Random;

impl Draw<'_, '_> {
    /// One axis of the array `of`. If `of` is a sequence of arrays that will be joined, the axis along which they differ.
    pub(super) fn axis_of(&mut self, of: &str) -> Option<Given> {
        let rank = self.array_of(of)?.shape.len();
        Some(match self.joined {
            // Arrays of one shape may also be flattened and joined.
            Some(_) if self.has_one_shape(of) && self.random.pick_yes("flattened", 3) => Given::None,
            Some(axis) => int(self.either_end(axis, rank)),
            None => int(self.axis(rank)?),
        })
    }

    /// One or several axes of the array `of`.
    pub(super) fn axes_of(&mut self, of: &str) -> Option<Given> {
        let rank = self.array_of(of)?.shape.len();
        // The standard does not say what an empty tuple of axes means.
        if rank == 0 {
            return None;
        }
        Some(self.axis_or_axes(rank))
    }

    /// One axis of `rank`, or a tuple of one, several or all axes.
    fn axis_or_axes(&mut self, rank: usize) -> Given {
        let has_more = usize::from(rank > 1);
        let count = match self.random.pick("axes", &[3, 1, 4 * usize::from(rank > 2), 2 * has_more]) {
            0 => return int(self.some_axis(rank)),
            1 => 1,
            2 => 2 + self.random.below(rank - 2),
            _ => rank,
        };
        let axes = self.some_axes(rank, count);
        self.axis_tuple(axes, rank)
    }

    /// Axes of the array `of` that are moved: as many as the argument `to` has, in the same form.
    pub(super) fn moved_axes(&mut self, of: &str, to: Option<&str>) -> Option<Given> {
        let rank = self.array_of(of)?.shape.len();
        let count = match to.and_then(|to| self.find(to)).cloned() {
            Some(Given::Scalar(_)) => return Some(int(self.axis(rank)?)),
            Some(Given::Tuple(items)) => items.len(),
            _ if rank == 0 => return None,
            _ => return Some(self.axis_or_axes(rank)),
        };
        let axes = self.some_axes(rank, count);
        Some(self.axis_tuple(axes, rank))
    }

    /// All axes of the array `of`, in any order.
    pub(super) fn permutation(&mut self, of: &str) -> Option<Given> {
        let rank = self.array_of(of)?.shape.len();
        let axes = self.some_axes(rank, rank);
        Some(self.axis_tuple(axes, rank))
    }

    /// The place of one new axis in the shape of the array `of`.
    pub(super) fn new_axis(&mut self, of: &str) -> Option<Given> {
        let rank = self.array_of(of)?.shape.len();
        Some(int(self.axis(rank + 1)?))
    }

    /// The places of one or two new axes in the shape of the array `of`.
    pub(super) fn new_axes(&mut self, of: &str) -> Option<Given> {
        if self.random.pick_yes("one axis", 2) {
            return self.new_axis(of);
        }
        let rank = self.array_of(of)?.shape.len();
        let count = 1 + self.random.pick_below("count", 2);
        let axes = self.some_axes(rank + count, count);
        Some(self.axis_tuple(axes, rank + count))
    }

    /// One or several axes of length one. `None` if the array `of` has no such axis.
    pub(super) fn unit_axes(&mut self, of: &str) -> Option<Given> {
        let shape = self.array_of(of)?.shape.clone();
        let units: Vec<usize> = (0..shape.len()).filter(|i| shape[*i] == 1).collect();
        if units.is_empty() {
            return None;
        }
        if self.random.pick_yes("one axis", 2) {
            let axis = units[self.random.below(units.len())];
            return Some(int(self.either_end(axis, shape.len())));
        }
        let count = 1 + self.random.below(units.len());
        let chosen = self.some_axes(units.len(), count).into_iter().map(|i| units[i]).collect();
        Some(self.axis_tuple(chosen, shape.len()))
    }

    /// What `tensordot` takes for two shapes: a number of axes, or two sequences of axes.
    pub(super) fn contraction(&mut self, of: &str, with: &str) -> Option<Given> {
        let (a, b) = (self.array_of(of)?.shape.clone(), self.array_of(with)?.shape.clone());
        let counts: Vec<usize> = (0..=a.len().min(b.len())).filter(|n| a[a.len() - n..] == b[..*n]).collect();
        if self.random.pick_yes("number", 2) {
            return Some(int(counts[self.random.below(counts.len())] as i64));
        }
        // Pairs of axes of the same length, none of them used twice.
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for i in self.some_axes(a.len(), a.len()) {
            let free: Vec<usize> = (0..b.len()).filter(|j| b[*j] == a[i] && !right.contains(j)).collect();
            if !free.is_empty() && left.len() < 2 && self.random.below(3) > 0 {
                left.push(i);
                right.push(free[self.random.below(free.len())]);
            }
        }
        let (first, second) = (self.axis_tuple(left, a.len()), self.axis_tuple(right, b.len()));
        Some(Given::Tuple(vec![first, second]))
    }

    /// One axis of `rank`, counted from either end. `None` if the rank is zero.
    pub(super) fn axis(&mut self, rank: usize) -> Option<i64> {
        (rank > 0).then(|| self.some_axis(rank))
    }

    /// One axis of `rank`, which is not zero: the first, the last or one between, counted from either end.
    pub(super) fn some_axis(&mut self, rank: usize) -> i64 {
        let axis = match self.random.pick("axis", &[1, usize::from(rank > 1), usize::from(rank > 2)]) {
            0 => 0,
            1 => rank - 1,
            _ => 1 + self.random.below(rank - 2),
        };
        self.either_end(axis, rank)
    }

    /// The number of an axis, counted from the front or from the back.
    pub(super) fn either_end(&mut self, axis: usize, rank: usize) -> i64 {
        if self.random.pick_yes("from the back", 2) { axis as i64 - rank as i64 } else { axis as i64 }
    }

    /// `count` different axes of `rank`, in any order, counted from the front.
    pub(super) fn some_axes(&mut self, rank: usize, count: usize) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..rank).collect();
        for i in (1..rank).rev() {
            axes.swap(i, self.random.below(i + 1));
        }
        axes.truncate(count);
        axes
    }

    /// Axes as a tuple: all of them counted from the front, all from the back, or each from either end.
    fn axis_tuple(&mut self, axes: Vec<usize>, rank: usize) -> Given {
        let counted = self.random.pick_below("counted", 3);
        let axis = |random: &mut Random, axis: usize| match counted {
            0 => axis as i64,
            1 => axis as i64 - rank as i64,
            _ => axis as i64 - (random.below(2) * rank) as i64,
        };
        ints(axes.into_iter().map(|of| axis(self.random, of)).collect())
    }
}
