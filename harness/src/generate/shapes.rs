//! Shapes with up to five axes, some of them empty, and sets of shapes that broadcast together.

use std::fmt;

use array_assay_oracle::call::advance;
pub use array_assay_oracle::call::broadcast_shapes as broadcast;

use super::values::Random;

/// The greatest rank of the arrays that are drawn. Implementations that treat few axes by themselves have a loop for more than four.
pub const MAX_RANK: usize = 5;

/// The greatest number of elements of the broadcast result.
const MOST_ELEMENTS: usize = 64;

/// A kind of shapes that a library may treat specially.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShapeKind {
    /// With an axis of length zero.
    Empty,
    /// With this many axes. Three means three or more.
    Rank(usize),
}

impl ShapeKind {
    /// The kind of a shape.
    pub fn of(shape: &[usize]) -> ShapeKind {
        if shape.contains(&0) { ShapeKind::Empty } else { ShapeKind::Rank(shape.len().min(3)) }
    }
}

impl fmt::Display for ShapeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeKind::Empty => f.write_str("without elements"),
            ShapeKind::Rank(3) => f.write_str("of rank 3 and more"),
            ShapeKind::Rank(rank) => write!(f, "of rank {rank}"),
        }
    }
}

/// A shape of at most `max_rank` axes.
pub fn shape(random: &mut Random, max_rank: usize) -> Vec<usize> {
    let rank = [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 1][random.below(16)].min(max_rank);
    let mut out = Vec::with_capacity(rank);
    let mut room = MOST_ELEMENTS;
    for _ in 0..rank {
        let size = match (rank, random.below(16)) {
            (_, 0) => 0,
            (1, 1..12) => 1 + random.below(6),
            // Long enough for vectorised loops and their last, partial steps.
            (1, _) => 1 + random.below(40),
            (_, 1..3) => 1,
            (2, _) => 1 + random.below(4),
            _ => 1 + random.below(3),
        };
        let size = size.min(room.max(1));
        room /= size.max(1);
        out.push(size);
    }
    out
}

/// Shapes of `count` operands that broadcast together. If `keeps_first` is set, the first has the shape of the result.
pub fn broadcastable(random: &mut Random, count: usize, max_rank: usize, keeps_first: bool) -> Vec<Vec<usize>> {
    let rank = random.pick("rank", &[1, 6, 5, 3, 1][..=max_rank.min(4)]);
    let rank = if rank == 4 && random.below(3) == 0 { max_rank } else { rank };
    let common = sized(random, rank);
    let mut shapes = vec![common; count];
    if count < 2 {
        return shapes;
    }
    let (single, apart) = (usize::from(!keeps_first), usize::from(rank > 0));
    let weights = [6, single * apart, apart, 6 * apart];
    // One of those that need not have the shape of the result.
    let first = usize::from(keeps_first);
    let any = first + random.below(count - first);
    match RELATIONS[random.pick("shapes", &weights)] {
        Relation::Equal => {}
        Relation::FirstSingle => shapes[0].clear(),
        Relation::OthersSingle => shapes[1..].iter_mut().for_each(Vec::clear),
        Relation::Stretched => match random.pick("stretched", &[3, 2, usize::from(rank > 1) * single]) {
            // Some axes have length one.
            0 => {
                shapes[any][random.below(rank)] = 1;
                for n in shapes[first..].iter_mut().flatten() {
                    if random.below(4) == 0 {
                        *n = 1;
                    }
                }
            }
            // One operand has fewer axes.
            1 => drop(shapes[any].drain(..1 + random.below(rank))),
            // Columns meet rows.
            _ => {
                shapes[0][rank - 1] = 1;
                shapes[1..].iter_mut().for_each(|shape| shape[..rank - 1].fill(1));
            }
        },
    }
    shapes
}

/// How the shapes of operands are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    /// The first operand has rank zero.
    FirstSingle,
    /// The operands after the first have rank zero.
    OthersSingle,
    /// Operands are stretched along axes.
    Stretched,
}

/// The relations of shapes, in the order of the levels of their factor.
const RELATIONS: [Relation; 4] = [Relation::Equal, Relation::FirstSingle, Relation::OthersSingle, Relation::Stretched];

/// A shape of so many axes.
fn sized(random: &mut Random, rank: usize) -> Vec<usize> {
    let axes = usize::from(rank > 0);
    let extent = random.pick("extent", &[10, axes, 3 * axes, axes, 2 * usize::from(rank > 1)]);
    let longest = match rank {
        1 => 6,
        2 => 4,
        _ => 3,
    };
    let mut room = MOST_ELEMENTS;
    let mut shape: Vec<usize> = (0..rank)
        .map(|_| {
            let size = (1 + random.below(longest)).min(room);
            room /= size;
            size
        })
        .collect();
    match extent {
        // An axis of length zero.
        1 => shape[random.below(rank)] = 0,
        // Long enough for vectorised loops and their last, partial steps.
        2 => {
            shape.fill(1);
            shape[rank - 1] = 17 + random.below(24);
            if rank > 1 && random.below(2) == 0 {
                shape[rank - 2] = 2;
            }
        }
        3 => shape.fill(1),
        // All axes are equally long, so that none stands out if they are taken for each other.
        4 => shape.fill(2 + usize::from(rank == 2) * random.below(3)),
        _ => {}
    }
    shape
}

/// Shapes of `count` operands that broadcast to `common`: each is `common`, or the shape with a first axis of length one instead. So each
/// declared shape costs a library only one more compilation.
pub fn variants(random: &mut Random, count: usize, common: &[usize]) -> Vec<Vec<usize>> {
    let other = match common {
        [] | [_] => Vec::new(),
        [_, rest @ ..] => [&[1], rest].concat(),
    };
    (0..count).map(|_| if random.below(4) == 0 { other.clone() } else { common.to_vec() }).collect()
}

/// For each element of the shape `result` in C order: the flat index of the element of `operand` that broadcasts to it.
pub fn broadcast_indices(operand: &[usize], result: &[usize]) -> Vec<usize> {
    let total: usize = result.iter().product();
    if operand == result {
        return (0..total).collect();
    }
    let offset = result.len() - operand.len();
    let mut strides = vec![0; result.len()];
    let mut stride = 1;
    for (i, n) in operand.iter().enumerate().rev() {
        strides[offset + i] = if *n == 1 { 0 } else { stride };
        stride *= n;
    }
    let mut out = Vec::with_capacity(total);
    let mut index = vec![0; result.len()];
    for _ in 0..total {
        out.push(index.iter().zip(&strides).map(|(i, s)| i * s).sum());
        advance(&mut index, result);
    }
    out
}

/// A shape as Python writes it.
pub fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::BackendProfile;
    use quickcheck::quickcheck;

    quickcheck! {
        fn drawn_shapes_broadcast(seed: u64) -> bool {
            let shapes = broadcastable(&mut Random::new(seed), 3, 4, false);
            broadcast(shapes.iter().map(Vec::as_slice)).is_some_and(|s| s.iter().product::<usize>() <= 2 * MOST_ELEMENTS)
        }

        fn the_first_shape_may_be_that_of_the_result(seed: u64) -> bool {
            let shapes = broadcastable(&mut Random::new(seed), 2, 4, true);
            broadcast(shapes.iter().map(Vec::as_slice)).as_ref() == Some(&shapes[0])
        }

        fn broadcasting_commutes(seed: u64) -> bool {
            let mut random = Random::new(seed);
            let (a, b) = (shape(&mut random, 4), shape(&mut random, 4));
            broadcast([a.as_slice(), &b]) == broadcast([b.as_slice(), &a])
        }
    }

    #[test]
    fn declared_shapes_are_the_only_ones_drawn() {
        let shapes = vec![vec![], vec![5], vec![2, 3], vec![2, 1, 3]];
        let profile = BackendProfile { shapes: shapes.clone(), ..BackendProfile::default() };
        for seed in 0..200 {
            assert!(shapes.contains(&profile.shape(4, &mut Random::new(seed))));
            assert!(profile.shape(1, &mut Random::new(seed)).len() <= 1);
            let drawn = profile.operand_shapes(3, false, &mut Random::new(seed));
            let common = broadcast(drawn.iter().map(Vec::as_slice)).unwrap();
            assert!(drawn.iter().all(|shape| *shape == common || shape.is_empty() || shape[0] == 1), "{drawn:?}");
        }
    }

    #[test]
    fn broadcasting_follows_the_examples_of_the_standard() {
        assert_eq!(broadcast([&[8, 1, 6, 1][..], &[7, 1, 5]]), Some(vec![8, 7, 6, 5]));
        assert_eq!(broadcast([&[5, 4][..], &[1]]), Some(vec![5, 4]));
        assert_eq!(broadcast([&[3][..], &[4]]), None);
        assert_eq!(broadcast([&[0, 1][..], &[1, 3]]), Some(vec![0, 3]));
        assert_eq!(broadcast_indices(&[2, 1], &[2, 3]), [0, 0, 0, 1, 1, 1]);
        assert_eq!(broadcast_indices(&[3], &[2, 3]), [0, 1, 2, 0, 1, 2]);
    }
}
