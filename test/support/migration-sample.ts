/** A file with a migration that has these attributes. */
export const migration = (attributes: string) =>
  `from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n${attributes}`;

/** A file with a migration that does these operations. */
export const operations = (...lines: string[]) =>
  migration(`    operations = [${lines.join(", ")}]\n`);
