class Page {
  show() {
    this.safe = this.sanitizer.bypassSecurityTrustHtml('<b>fixed</b>');
    this.safe = this.sanitizer.bypassSecurityTrustHtml(sanitizeHtml(this.text));
  }
}
