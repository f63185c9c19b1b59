// A text field that tells every change; a render function, so that nothing is compiled from text in the browser.
export default {
  props: { label: String, hint: String, lines: Number, focused: Boolean, longest: Number },
  emits: ["typed"],
  mounted() {
    if (this.focused) this.$refs.input.focus();
  },
  render() {
    const id = `${this.$attrs.id}-input`;
    const input = Vue.h(this.lines > 1 ? "textarea" : "input", {
      id,
      ref: "input",
      rows: this.lines > 1 ? this.lines : undefined,
      placeholder: this.hint,
      maxlength: this.longest,
      autocomplete: "off",
      onInput: (event) => this.$emit("typed", event.target.value),
    });
    return Vue.h("div", { class: "field" }, [Vue.h("label", { for: id }, this.label), input]);
  },
};
