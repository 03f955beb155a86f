fn f() {
    // todo!()
    let text = "todo!()";
    unreachable!()
}
