// A button that copies a text. Browsers give the clipboard to pages on this machine or over TLS; else the text is marked.
export default {
  props: { text: String },
  data: () => ({ done: "" }),
  methods: {
    async copy(event) {
      try {
        await navigator.clipboard.writeText(this.text);
        this.done = "Copied";
      } catch {
        const shown = event.target.parentElement.querySelector("code");
        if (shown) getSelection().selectAllChildren(shown);
        this.done = "Marked: press Ctrl+C";
      }
      setTimeout(() => (this.done = ""), 3000);
    },
  },
  render() {
    const label = this.done || "Copy";
    return Vue.h("button", { type: "button", class: "button small", "aria-live": "polite", onClick: this.copy }, label);
  },
};
