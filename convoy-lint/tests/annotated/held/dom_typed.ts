export class View {
  constructor(private root: HTMLElement) {}

  render(items: string[], title: string) {
    this.root.innerHTML = items.map((item) => `<li>${item}</li>`).join(''); // CWE-79
    this.root.innerHTML += `<h1>${title}</h1>`; // CWE-79
    const frame = document.createElement('iframe');
    frame.srcdoc = title; // CWE-79
    const range = document.createRange();
    this.root.append(range.createContextualFragment(title)); // CWE-79
    const parsed = new DOMParser().parseFromString(title, 'text/html');
    window.location.href = new URL(window.location.href).searchParams.get('next')!; // CWE-601,79
    return parsed;
  }

  fine(items: string[]) {
    this.root.replaceChildren(...items.map((item) => {
      const li = document.createElement('li');
      li.textContent = item;
      return li;
    }));
    this.root.innerHTML = '';
  }
}
