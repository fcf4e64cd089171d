//! Shapes and axes of arguments, each beside the shapes drawn before.

use array_assay_interface::Scalar;
use array_assay_oracle::call::{Given, broadcast_shapes};
use array_assay_spec::ShapeRelation;

use super::{Draw, int, ints};

impl Draw<'_, '_> {
    pub(super) fn shape(&mut self, (low, high): (usize, usize)) -> Vec<usize> {
        let high = high.min(self.profile.max_rank.max(low));
        if let Some(shape) = self.profile.declared_shape((low, high), self.size, self.random) {
            return shape;
        }
        let rank = [0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 1, 2][self.random.below(16)].clamp(low, high);
        let mut room = 64usize;
        (0..rank)
            .map(|_| {
                let size = match (rank, self.random.below(16)) {
                    (_, 0) => 0,
                    (1, 1..10) => 1 + self.random.below(6),
                    // Long enough for vectorised loops, and for sorts that change their method with the length.
                    (1, _) => 1 + self.random.below(40),
                    (_, 1..4) => 1,
                    (2, _) => 1 + self.random.below(5),
                    _ => 1 + self.random.below(3),
                };
                let size = size.min(room.max(1)).min(self.size);
                room /= size.max(1);
                size
            })
            .collect()
    }

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
            // The default of every axis that relates shapes is the last one, but that of `concat`.
            _ => other.len().checked_sub(1),
        });
        Some(self.related_shape(&other, relation, axis, rank))
    }

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
            ShapeRelation::Broadcast => self.broadcastable(other),
            ShapeRelation::Concat => {
                let mut shape = other.to_vec();
                if let Some(n) = axis.and_then(|axis| shape.get_mut(axis)) {
                    *n = self.random.below(self.size.min(4) + 1);
                }
                shape
            }
            ShapeRelation::Along => {
                let mut shape = other.to_vec();
                if let Some(n) = axis.and_then(|axis| shape.get_mut(axis)) {
                    *n = if *n == 0 { 0 } else { self.random.below(self.size.min(5) + 1) };
                }
                shape
            }
            ShapeRelation::Matmul => self.factor_shape(other),
            ShapeRelation::Square => other.last().map_or_else(Vec::new, |k| vec![*k, *k]),
            ShapeRelation::Vecdot => {
                let axis = axis.unwrap_or(other.len() - 1);
                let mut shape = self.broadcastable(other);
                // The axis counts from the back, for the operands may have different ranks.
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

    /// A stack of square matrices: mostly small ones, some for which libraries change their method.
    fn squares(&mut self, (low, high): (usize, usize)) -> Vec<usize> {
        let high = high.min(self.profile.max_rank.max(low));
        let rank = [2, 2, 2, 3, 3, 4][self.random.below(6)].clamp(low, high);
        let size = match self.random.below(40) {
            0..2 => 0,
            2..6 => 1,
            6..31 => 2 + self.random.below(4),
            31..39 => 5 + self.random.below(5),
            _ if rank == 2 => 10 + self.random.below(12),
            _ => 9 + self.random.below(3),
        };
        let mut shape: Vec<usize> = (2..rank).map(|_| self.random.below(3 + usize::from(rank == 3)).min(self.size)).collect();
        if self.random.below(8) > 0 {
            shape.iter_mut().for_each(|n| *n = (*n).max(1));
        }
        shape.extend([size.min(self.size); 2]);
        shape
    }

    /// A stack of matrices, some of them square.
    pub(super) fn rectangles(&mut self, rank: (usize, usize)) -> Vec<usize> {
        let mut shape = self.squares(rank);
        let rows = shape.len() - 2;
        if self.random.below(4) > 0 {
            shape[rows] = self.squares((2, 2))[0].min(16);
        }
        shape
    }

    /// A shape with three elements along some axis, mostly the last one.
    fn triples(&mut self, rank: (usize, usize)) -> Vec<usize> {
        let mut shape = self.shape(rank);
        let last = shape.len() - 1;
        let at = if self.random.below(2) == 0 { last } else { self.random.below(shape.len()) };
        shape[at] = 3;
        shape
    }

    /// The shape of right-hand sides for matrices.
    fn sides(&mut self, matrices: &[usize]) -> Vec<usize> {
        let &[ref outer @ .., rows, _] = matrices else { return Vec::new() };
        if self.random.below(4) == 0 {
            return vec![rows];
        }
        let mut shape = self.broadcastable(outer);
        if outer.is_empty() && self.random.below(4) == 0 {
            shape = vec![1 + self.random.below(3).min(self.size.saturating_sub(1))];
        }
        shape.extend([rows, self.random.below(4)]);
        shape
    }

    /// The shape of a right factor for a left one.
    pub(super) fn factor_shape(&mut self, left: &[usize]) -> Vec<usize> {
        let Some(k) = left.last().copied() else { return Vec::new() };
        match self.random.below(4) {
            0 => vec![k],
            choice => {
                let columns = self.random.below(self.size.min(4) + 1);
                let stack = if left.len() > 2 && choice > 1 {
                    self.broadcastable(&left[..left.len() - 2])
                } else if choice == 3 {
                    self.shape((0, 2)).into_iter().map(|n| n.min(3)).collect()
                } else {
                    Vec::new()
                };
                // A stack of its own only beside a single matrix.
                let stack =
                    if left.len() > 2 && broadcast_shapes([&left[..left.len() - 2], &stack]).is_none() { Vec::new() } else { stack };
                stack.into_iter().chain([k, columns]).collect()
            }
        }
    }

    /// A shape that broadcasts with `common`, to `common`.
    pub(super) fn broadcastable(&mut self, common: &[usize]) -> Vec<usize> {
        if self.random.below(2) == 0 {
            return common.to_vec();
        }
        let dropped = if self.random.below(3) == 0 { self.random.below(common.len() + 1) } else { 0 };
        common[dropped..].iter().map(|n| if self.random.below(4) == 0 { 1 } else { *n }).collect()
    }

    /// Sizes whose product is `total`.
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

    pub(super) fn axis(&mut self, rank: usize) -> Option<i64> {
        let axis = (rank > 0).then(|| self.random.below(rank))?;
        Some(self.either_end(axis, rank))
    }

    /// The axis counted from the front or from the back.
    pub(super) fn either_end(&mut self, axis: usize, rank: usize) -> i64 {
        if self.random.below(2) == 0 { axis as i64 } else { axis as i64 - rank as i64 }
    }

    /// So many different axes in any order.
    pub(super) fn some_axes(&mut self, rank: usize, count: usize) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..rank).collect();
        for i in (1..rank).rev() {
            axes.swap(i, self.random.below(i + 1));
        }
        axes.truncate(count);
        axes
    }

    pub(super) fn contraction(&mut self, a: &[usize], b: &[usize]) -> Given {
        let counts: Vec<usize> = (0..=a.len().min(b.len())).filter(|n| a[a.len() - n..] == b[..*n]).collect();
        if self.random.below(2) == 0 {
            return int(counts[self.random.below(counts.len())] as i64);
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
        let tuple = |draw: &mut Self, axes: &[usize], rank: usize| ints(axes.iter().map(|axis| draw.either_end(*axis, rank)).collect());
        let (first, second) = (tuple(self, &left, a.len()), tuple(self, &right, b.len()));
        Given::Tuple(vec![first, second])
    }
}
