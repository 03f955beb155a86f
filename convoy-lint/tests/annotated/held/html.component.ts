import { Component, ElementRef, SecurityContext } from '@angular/core';
import { DomSanitizer } from '@angular/platform-browser';
import { ActivatedRoute } from '@angular/router';

@Component({ selector: 'app-html', template: '<div [innerHTML]="safe"></div>' })
export class HtmlComponent {
  safe: unknown;

  constructor(private sanitizer: DomSanitizer, private route: ActivatedRoute, private element: ElementRef) {}

  show(text: string, url: string) {
    this.safe = this.sanitizer.bypassSecurityTrustHtml(text); // CWE-79
    this.safe = this.sanitizer.bypassSecurityTrustUrl(url); // CWE-79
    this.safe = this.sanitizer.bypassSecurityTrustResourceUrl(url); // CWE-79
    this.safe = this.sanitizer.bypassSecurityTrustScript(text); // CWE-79
    this.safe = this.sanitizer.bypassSecurityTrustStyle(`color: ${text}`); // CWE-79
    this.element.nativeElement.innerHTML = text; // CWE-79
  }

  query() {
    this.route.queryParams.subscribe((params) => {
      this.safe = this.sanitizer.bypassSecurityTrustHtml(params['q']); // CWE-79
    });
  }

  fixed() {
    this.safe = this.sanitizer.bypassSecurityTrustHtml('<b>fixed</b>');
    this.safe = this.sanitizer.sanitize(SecurityContext.HTML, '<b></b>');
  }
}
