class Page {
  show(text: string) {
    // bad
    this.safe = this.sanitizer.bypassSecurityTrustHtml(text);
  }
}
