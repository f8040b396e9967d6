/** An error object that another plugin printed, passed on as it stands. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** Name of the plugin. */
  readonly plugin: string;
  /** The plugin's own number. */
  readonly code: number;
  readonly details: string;

  constructor(plugin: string, code: number, message: string, details: string) {
    super(message);
    this.plugin = plugin;
    this.code = code;
    this.details = details;
  }
}
