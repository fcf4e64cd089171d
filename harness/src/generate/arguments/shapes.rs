//! Shapes of array arguments, which depend on the shapes drawn before, and shapes as arguments.

use array_assay_interface::Scalar;
use array_assay_oracle::call::{Given, broadcast_shapes};
use array_assay_spec::ShapeRelation;

use super::{Draw, int, ints, sizes};
use crate::generate::shapes::MAX_RANK;

impl Draw<'_, '_> {
    /// A shape whose rank lies between `low` and `high`, of at most about 64 elements.
    pub(super) fn shape(&mut self, (low, high): (usize, usize)) -> Vec<usize> {
        let high = high.min(self.profile.max_rank.max(low));
        if let Some(shape) = self.profile.declared_shape((low, high), self.size, self.random) {
            return shape;
        }
        if let Some(length) = self.length.filter(|_| (low..=high).contains(&1)) {
            return vec![length];
        }
        let legal = |rank: usize| (low..=high).contains(&rank) || rank == high.min(MAX_RANK) && low > MAX_RANK;
        let weights: Vec<usize> = [2, 10, 10, 8, 3, 2].iter().enumerate().map(|(rank, weight)| weight * usize::from(legal(rank))).collect();
        let rank = self.random.pick("rank", &weights).clamp(low, high);
        let (has_axes, has_more) = (usize::from(rank > 0), usize::from(rank > 1));
        let longest = match rank {
            1 => 6,
            2 => 5,
            _ => 3,
        };
        let mut shape: Vec<usize> = (0..rank).map(|_| 1 + self.random.below(longest)).collect();
        match self.random.pick("extent", &[10, 2 * has_axes, 4 * has_axes, 3 * has_more, has_axes, 2 * has_more]) {
            // Axes of length zero.
            1 => {
                let at = self.random.below(rank);
                shape.iter_mut().enumerate().filter(|(i, _)| *i == at || self.random.below(8) == 0).for_each(|(_, n)| *n = 0);
            }
            // Long enough for vectorised loops, and for sorts that change their method with the length.
            2 => {
                let at = self.random.below(rank);
                shape.iter_mut().for_each(|n| *n = (*n).min(2));
                shape[at] = if rank == 1 { 17 + self.random.below(24) } else { 9 + self.random.below(12) };
            }
            // Axes of length one among others.
            3 => {
                let at = self.random.below(rank);
                shape.iter_mut().enumerate().filter(|(i, _)| *i == at || self.random.below(4) == 0).for_each(|(_, n)| *n = 1);
            }
            4 => shape.fill(1),
            // All axes are equally long, so that none stands out if they are taken for each other.
            5 => shape.fill(2 + usize::from(rank == 2) * self.random.below(3)),
            _ => {}
        }
        // Of many axes, most have the length one or two.
        let mut room = if rank > 4 { 24usize } else { 64 };
        for n in &mut shape {
            *n = (*n).min(room.max(1)).min(self.size);
            room /= (*n).max(1);
        }
        shape
    }

    /// The shape of an array argument. `of` and `along` name the arguments that a relation refers to: an array and an axis.
    pub(super) fn shape_of(
        &mut self,
        rank: (usize, usize),
        relation: ShapeRelation,
        of: Option<&str>,
        along: Option<&str>,
    ) -> Option<Vec<usize>> {
        let Some(of) = of
            .filter(|_| !matches!(relation, ShapeRelation::Own | ShapeRelation::Vector | ShapeRelation::Squares | ShapeRelation::Triples))
        else {
            return Some(match relation {
                ShapeRelation::Vector => self.shape((1, 1)),
                ShapeRelation::Squares => self.squares(rank),
                ShapeRelation::Triples => self.triples(rank),
                _ => self.shape(rank),
            });
        };
        let other = self.array_of(of)?.shape.clone();
        let axis = along.and_then(|name| match self.find(name) {
            Some(Given::Scalar(Scalar::Int(axis))) => Some(axis.rem_euclid(other.len().max(1) as i128) as usize),
            // Except in `concat`, the default of an axis that relates shapes is the last axis.
            _ => other.len().checked_sub(1),
        });
        Some(self.related_shape(&other, relation, axis, rank))
    }

    /// The shape of an array that is indexed. Some have an axis of 257 elements, more than indices of eight bits can reach.
    pub(super) fn indexed_shape(&mut self, rank: (usize, usize)) -> Vec<usize> {
        let mut shape = self.shape(rank);
        if self.size == usize::MAX && self.length.is_none() && !shape.is_empty() && self.random.pick_yes("long axis", 24) {
            let at = self.random.below(shape.len());
            shape = shape.iter().map(|n| (*n).min(2)).collect();
            shape[at] = 257;
        }
        shape
    }

    /// A shape that has the given relation to the shape `other`. `axis` is counted from the front.
    pub(super) fn related_shape(
        &mut self,
        other: &[usize],
        relation: ShapeRelation,
        axis: Option<usize>,
        rank: (usize, usize),
    ) -> Vec<usize> {
        match relation {
            ShapeRelation::Own | ShapeRelation::Vector | ShapeRelation::Squares | ShapeRelation::Triples => self.shape(rank),
            ShapeRelation::Sides => self.sides(other),
            ShapeRelation::Same => other.to_vec(),
            ShapeRelation::Broadcast => self.broadcastable_beside(other),
            ShapeRelation::Concat => {
                let mut shape = other.to_vec();
                if let Some(n) = axis.and_then(|axis| shape.get_mut(axis)) {
                    *n = self.random.below(self.size.min(4) + 1);
                }
                shape
            }
            ShapeRelation::Along => {
                let mut shape = other.to_vec();
                // The other axes broadcast, in both directions.
                if self.random.pick_yes("stretched", 4) {
                    for n in &mut shape {
                        *n = if *n == 1 { 1 + self.random.below(self.size.min(3)) } else { 1 };
                    }
                }
                if let Some(n) = axis.and_then(|axis| shape.get_mut(axis)) {
                    *n = if *n == 0 { 0 } else { self.random.below(self.size.min(5) + 1) };
                }
                shape
            }
            ShapeRelation::Matmul => self.factor_shape(other),
            ShapeRelation::Square => other.last().map_or_else(Vec::new, |k| vec![*k, *k]),
            ShapeRelation::Vecdot => {
                let axis = axis.unwrap_or(other.len() - 1);
                let mut shape = self.broadcastable_beside(other);
                // The operands may have different ranks, so the axis counts from the back.
                let from_back = other.len() - axis;
                while shape.len() < from_back {
                    shape.insert(0, 1);
                }
                let at = shape.len() - from_back;
                shape[at] = other[axis];
                shape
            }
            ShapeRelation::Contracted => {
                let count = self.random.below(other.len().min(2) + 1);
                let mut shape = other[other.len() - count..].to_vec();
                while shape.len() < 3 && self.random.below(2) == 0 {
                    shape.push(self.random.below(self.size.min(3)) + 1);
                }
                shape
            }
        }
    }

    /// The shape of a stack of square matrices. Most are small; some are so large that libraries change to another algorithm.
    fn squares(&mut self, (low, high): (usize, usize)) -> Vec<usize> {
        let high = high.min(self.profile.max_rank.max(low));
        let legal = |rank: usize| usize::from((low..=high).contains(&rank));
        let rank = (2 + self.random.pick("rank", &[3 * legal(2), 2 * legal(3), legal(4)])).clamp(low, high);
        let size = match self.random.pick("size", &[2, 4, 25, 8, 1]) {
            0 => 0,
            1 => 1,
            2 => 2 + self.random.below(4),
            3 => 5 + self.random.below(5),
            _ if rank == 2 => 10 + self.random.below(12),
            _ => 9 + self.random.below(3),
        };
        let mut shape: Vec<usize> = (2..rank).map(|_| self.random.below(3 + usize::from(rank == 3)).min(self.size)).collect();
        if !self.random.pick_yes("empty stack", 8) {
            shape.iter_mut().for_each(|n| *n = (*n).max(1));
        }
        shape.extend([size.min(self.size); 2]);
        shape
    }

    /// The shape of a stack of matrices, which is sometimes square.
    pub(super) fn rectangles(&mut self, rank: (usize, usize)) -> Vec<usize> {
        let mut shape = self.squares(rank);
        let rows = shape.len() - 2;
        let columns = shape[rows + 1];
        // Square, or with another number of rows: fewer, more, none.
        match self.random.pick("rows", &[2, 3, 3, 1]) {
            0 => {}
            1 => shape[rows] = self.random.below(columns + 1).min(self.size),
            2 => shape[rows] = (columns + 1 + self.random.below(5)).min(16).min(self.size),
            _ => shape[rows] = 0,
        }
        shape
    }

    /// A shape with three elements along some axis, mostly the last one.
    fn triples(&mut self, rank: (usize, usize)) -> Vec<usize> {
        let mut shape = self.shape(rank);
        let last = shape.len() - 1;
        let at = if self.random.pick_yes("last axis", 2) { last } else { self.random.below(shape.len()) };
        shape[at] = 3;
        shape
    }

    /// The shape of the right-hand sides of linear systems, given the shape of the matrices.
    fn sides(&mut self, matrices: &[usize]) -> Vec<usize> {
        let &[ref outer @ .., rows, _] = matrices else { return Vec::new() };
        if self.random.pick_yes("vector", 4) {
            return vec![rows];
        }
        let mut shape = self.broadcastable_beside(outer);
        if outer.is_empty() && self.random.below(4) == 0 {
            shape = vec![1 + self.random.below(3).min(self.size.saturating_sub(1))];
        }
        shape.extend([rows, self.random.below(4)]);
        shape
    }

    /// The shape of the right factor of a matrix product, given that of the left one.
    pub(super) fn factor_shape(&mut self, left: &[usize]) -> Vec<usize> {
        let Some(k) = left.last().copied() else { return Vec::new() };
        match self.random.pick_below("factor", 4) {
            0 => vec![k],
            choice => {
                let columns = self.random.below(self.size.min(4) + 1);
                let stack = if left.len() > 2 && choice > 1 {
                    self.broadcastable_beside(&left[..left.len() - 2])
                } else if choice == 3 {
                    self.shape((0, 2)).into_iter().map(|n| n.min(3)).collect()
                } else {
                    Vec::new()
                };
                // Stacks of both factors have to broadcast.
                let stack =
                    if left.len() > 2 && broadcast_shapes([&left[..left.len() - 2], &stack]).is_none() { Vec::new() } else { stack };
                stack.into_iter().chain([k, columns]).collect()
            }
        }
    }

    /// A shape that broadcasts to `common`.
    pub(super) fn broadcastable(&mut self, common: &[usize]) -> Vec<usize> {
        let has_axes = usize::from(!common.is_empty());
        let mut shape = common.to_vec();
        match self.random.pick("broadcast", &[5, 2 * has_axes, 2 * has_axes, has_axes]) {
            0 => return shape,
            // Some axes have length one.
            1 => shape[self.random.below(common.len())] = 1,
            // There are fewer axes.
            2 => drop(shape.drain(..1 + self.random.below(common.len()))),
            _ => shape.clear(),
        }
        shape.into_iter().map(|n| if self.random.below(4) == 0 { 1 } else { n }).collect()
    }

    /// A shape that broadcasts with `other`. It broadcasts to `other`, or it has more axes, or the two meet as a row meets a column: each has
    /// length one where the other is longer.
    pub(super) fn broadcastable_beside(&mut self, other: &[usize]) -> Vec<usize> {
        let has_columns = usize::from(other.contains(&1) && other.iter().any(|n| *n > 1));
        let has_room = usize::from(other.len() < self.profile.max_rank && other.iter().product::<usize>() <= 24);
        match self.random.pick("beside", &[6, 2 * has_columns, 2 * has_room]) {
            0 => self.broadcastable(other),
            1 => {
                let longest = other.iter().copied().max().unwrap_or(1).min(self.size);
                let length = if self.random.below(2) == 0 { longest } else { 1 + self.random.below(self.size.min(4)) };
                other.iter().map(|n| if *n == 1 { length } else { 1 }).collect()
            }
            _ => {
                let stretched = self.broadcastable(other);
                let ones = other.len() - stretched.len();
                let more = 1 + self.random.below((self.profile.max_rank - other.len()).min(2));
                let sizes = (0..more).map(|_| 1 + self.random.below(self.size.min(3))).collect::<Vec<_>>();
                [sizes, vec![1; ones], stretched].concat()
            }
        }
    }

    /// A shape of `total` elements.
    pub(super) fn factors(&mut self, total: usize) -> Vec<usize> {
        let mut out = Vec::new();
        if total == 0 {
            out = self.shape((1, 3));
            let at = self.random.below(out.len());
            out[at] = 0;
            return out;
        }
        let mut rest = total;
        while rest > 1 && out.len() < 3 {
            let divisors: Vec<usize> = (1..=rest).filter(|d| rest.is_multiple_of(*d)).collect();
            let size = divisors[self.random.below(divisors.len())];
            out.push(size);
            rest /= size;
        }
        if rest > 1 || out.is_empty() && self.random.below(2) == 0 {
            out.push(rest);
        }
        out
    }

    // Shapes as arguments

    /// The size of a new array: an integer or a tuple.
    pub(super) fn sizes_argument(&mut self) -> Given {
        let shape = self.shape((0, 4));
        if shape.len() == 1 && self.random.pick_yes("number", 2) { int(shape[0] as i64) } else { sizes(&shape) }
    }

    /// Up to three shapes that broadcast together.
    pub(super) fn shapes_argument(&mut self) -> Given {
        let common = self.shape((0, 4));
        let count = self.random.pick_below("count", 4);
        Given::Tuple((0..count).map(|_| sizes(&self.broadcastable(&common))).collect())
    }

    /// Another shape for the elements of the array `of`, sometimes with one size left to be inferred.
    pub(super) fn reshape(&mut self, of: &str) -> Option<Given> {
        let total: usize = self.array_of(of)?.shape.iter().product();
        let mut shape: Vec<i64> = self.factors(total).into_iter().map(|n| n as i64).collect();
        // Of an array without elements, only the length zero can be inferred.
        let inferable: Vec<usize> =
            (0..shape.len()).filter(|at| total > 0 || shape.iter().enumerate().all(|(i, n)| i == *at || *n > 0)).collect();
        if !inferable.is_empty() && self.random.pick_yes("inferred", 3) {
            shape[inferable[self.random.below(inferable.len())]] = -1;
        }
        Some(ints(shape))
    }

    /// A shape to which the array `of` broadcasts.
    pub(super) fn broadcast_shape(&mut self, of: &str) -> Option<Given> {
        let mut shape = self.array_of(of)?.shape.clone();
        for n in &mut shape {
            if *n == 1 && self.random.below(2) == 0 {
                *n = self.random.below(self.size.min(4) + 1);
            }
        }
        while shape.len() < self.profile.max_rank && self.random.below(3) == 0 {
            shape.insert(0, self.random.below(self.size.min(3) + 1));
        }
        Some(sizes(&shape))
    }
}
