//! The figures of `docs/performance.md`: each as a ratio against a floor that
//! is measured in the same run, in turn with it. Machines are shared and noisy:
//! medians count, absolute times are for orientation.
//!
//!     make bench            all
//!     cargo bench -p convoy-tests --bench figures -- transition list

#[path = "figures/bench.rs"]
mod bench;
#[path = "figures/cases.rs"]
mod cases;
#[path = "figures/executors.rs"]
mod executors;
#[path = "figures/merge.rs"]
mod merge;
#[path = "figures/peers.rs"]
mod peers;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    println!("{:<44} {:>10} {:>10} {:>7}  goal", "figure", "product", "floor", "ratio");
    for (name, case) in cases::ALL {
        if chosen(name) {
            case();
        }
    }
}
