//! Has the server compiled again when the console was built: what is embedded is listed at compile time, and cargo knows
//! only of the files that were there then.

fn main() {
    println!("cargo:rerun-if-changed=../../console/dist");
}
