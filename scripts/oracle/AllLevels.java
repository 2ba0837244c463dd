package oracle;

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import com.google.gson.*;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;

/** Cases in, every message of every level out: {"id", "valid", "messages": [[id, level, location, invariant, text]]}. */
public class AllLevels {
  public static void main(String[] args) throws Exception {
    List<String> files = new ArrayList<>();
    for (String a : args) if (a.startsWith("--")) { int i = a.indexOf('='); Main.opt.put(i < 0 ? a.substring(2) : a.substring(2, i), i < 0 ? "true" : a.substring(i + 1)); } else files.add(a);
    List<String> igs = new ArrayList<>(Main.IGS);
    if (Main.opt.containsKey("more")) igs.addAll(Arrays.asList(Main.opt.get("more").split(",")));
    ValidationEngine engine = Main.engine(igs);
    System.err.println("ready: " + engine.getContext().loadedPackageSummary());
    try (BufferedReader in = Files.newBufferedReader(Path.of(files.get(0))); PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(files.get(1))))) {
      String line;
      while ((line = in.readLine()) != null) if (!line.isBlank()) { out.println(one(engine, JsonParser.parseString(line).getAsJsonObject())); out.flush(); }
    }
  }

  static String one(ValidationEngine engine, JsonObject row) {
    List<ValidationMessage> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    JsonObject answer = new JsonObject();
    answer.add("id", row.get("id"));
    try {
      byte[] text;
      boolean xml = false;
      if (row.has("file")) { text = Files.readAllBytes(Path.of(row.get("file").getAsString())); xml = row.get("file").getAsString().endsWith(".xml"); }
      else if (row.has("text")) { text = row.get("text").getAsString().getBytes(StandardCharsets.UTF_8); xml = row.get("text").getAsString().trim().startsWith("<"); }
      else text = row.get("resource").toString().getBytes(StandardCharsets.UTF_8);
      Main.validate(engine, text, xml ? FhirFormat.XML : FhirFormat.JSON, Main.profiles(engine, row, missing), found);
    } catch (Throwable error) { answer.addProperty("exception", error.toString()); }
    JsonArray messages = new JsonArray();
    boolean valid = missing.isEmpty() && !answer.has("exception");
    for (ValidationMessage one : found) {
      valid &= one.getLevel() != ValidationMessage.IssueSeverity.ERROR && one.getLevel() != ValidationMessage.IssueSeverity.FATAL;
      JsonArray message = new JsonArray();
      for (String part : new String[] {one.getMessageId(), one.getLevel().toCode(), one.getLocation(), one.getInvId(), one.getMessage()}) message.add(part);
      messages.add(message);
    }
    answer.addProperty("valid", valid);
    answer.add("messages", messages);
    if (!missing.isEmpty()) answer.addProperty("missing", String.join(" ", missing));
    return answer.toString();
  }
}
